package hostile

import "time"

func timeCases() []Case {
	const expiry = "RFC 7519 section 4.1.4"
	const start = "RFC 7519 section 4.1.5"
	const issued = "RFC 9068 section 2.2, RFC 7519 section 4.1.6"
	const number = "RFC 7519 section 2, NumericDate"
	return []Case{
		refused("exp missing", jwtProfile, claim("exp", "")),
		refused("exp name in another case", expiry, claim("exp", ""), claimLast("Exp", "4102444800")),
		refused("expired, far exp under another case", expiry, claimAt("exp", -time.Hour), claimLast("EXP", "4102444800")),
		refused("expired an hour ago", expiry, claimAt("exp", -time.Hour)),
		refused("expired a second ago", expiry, claimAt("exp", -time.Second)),
		refused("expires now", expiry, claimAt("exp", 0)),
		refused("exp zero", expiry, claim("exp", "0")),
		refused("exp minus zero", expiry, claim("exp", "-0")),
		refused("exp negative", number, claim("exp", "-1")),
		refused("exp null", number, claim("exp", "null")),
		refused("exp a string", number, claim("exp", `"4102444800"`)),
		refused("exp an empty string", number, claim("exp", `""`)),
		refused("exp a date", number, claim("exp", `"2100-01-01T00:00:00Z"`)),
		refused("exp true", number, claim("exp", "true")),
		refused("exp false", number, claim("exp", "false")),
		refused("exp an array", number, claim("exp", "[4102444800]")),
		refused("exp an object", number, claim("exp", `{"seconds":4102444800}`)),
		refused("exp of 2^63", number, claim("exp", "9223372036854775808")),
		refused("exp of 2^64", number, claim("exp", "18446744073709551616")),
		refused("exp of 2^64 and an hour", number, claim("exp", "18446744073709555216")),
		refused("exp 1e20", number, claim("exp", "1e20")),
		refused("exp 1e308", number, claim("exp", "1e308")),
		refused("exp 1e400", number, claim("exp", "1e400")),
		refused("exp -1e400", number, claim("exp", "-1e400")),
		refused("exp NaN", number, claim("exp", "NaN")),
		refused("exp Infinity", number, claim("exp", "Infinity")),
		refused("exp hexadecimal", number, claim("exp", "0xF4865700")),
		refused("exp with a leading zero", number, claim("exp", "04102444800")),
		refused("exp with a plus", number, claim("exp", "+4102444800")),
		refused("exp in nanoseconds", number, claim("exp", "4102444800000000000")),
		refused("nbf in an hour", start, claimAt("nbf", time.Hour)),
		refused("nbf in half a minute", start, claimAt("nbf", 30*time.Second)),
		refused("nbf of 2^63", start, claim("nbf", "9223372036854775808")),
		refused("nbf of 2^64", start, claim("nbf", "18446744073709551616")),
		refused("nbf 1e308", start, claim("nbf", "1e308")),
		refused("nbf a string", number, claim("nbf", `"0"`)),
		refused("nbf null", number, claim("nbf", "null")),
		refused("nbf true", number, claim("nbf", "true")),
		refused("nbf an array", number, claim("nbf", "[0]")),
		refused("iat missing", jwtProfile, claim("iat", "")),
		refused("iat in an hour", issued, claimAt("iat", time.Hour)),
		refused("iat of 2^63", issued, claim("iat", "9223372036854775808")),
		refused("iat a string", number, claim("iat", `"$now"`)),
		refused("iat null", number, claim("iat", "null")),
		refused("iat an object", number, claim("iat", "{}")),
	}
}
