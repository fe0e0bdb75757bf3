package hostile

func issuerCases() []Case {
	const source = "RFC 8725 section 3.8, RFC 7519 section 4.1.1"
	const exact = "RFC 9068 section 4, RFC 8414 section 3.3"
	iss := func(name, value string) Case { return refused(name, exact, claim("iss", value)) }
	return []Case{
		refused("missing", jwtProfile, claim("iss", "")),
		refused("null", source, claim("iss", "null")),
		refused("empty", source, claim("iss", `""`)),
		refused("a number", source, claim("iss", "1")),
		refused("an array with the issuer", source, claim("iss", `["$issuer"]`)),
		refused("an object", source, claim("iss", `{"$issuer":true}`)),
		refused("in another case, name", source, claim("iss", ""), claim("ISS", `"$issuer"`)),
		refused("another issuer, the honest one under another case", source, claim("iss", `"https://evil.example"`), claim("Iss", `"$issuer"`)),
		iss("another issuer", `"https://evil.example"`),
		iss("a URL that should not be fetched", `"$canary"`),
		iss("slash after it", `"$issuer/"`),
		iss("dot segment after it", `"$issuer/."`),
		iss("in upper case", `"$ISSUER"`),
		iss("something after it", `"$issuer.evil.example"`),
		iss("something before it", `"https://evil.example/$issuer"`),
		iss("as the user of another host", `"$issuer@evil.example"`),
		iss("path after it", `"$issuer/tenant"`),
		iss("query after it", `"$issuer?x"`),
		iss("fragment after it", `"$issuer#"`),
		iss("blank after it", `"$issuer "`),
		iss("blank before it", `" $issuer"`),
		iss("line break after it", `"$issuer\n"`),
		iss("NUL after it", `"$issuer\u0000"`),
		iss("zero-width space after it", `"$issuer\u200b"`),
		iss("the resource", `"$resource"`),
		iss("the word null", `"null"`),
	}
}
