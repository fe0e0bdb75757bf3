package hostile

import "strings"

func kidCases() []Case {
	const source = "RFC 7515 section 4.1.4"
	const injected = "RFC 8725 section 3.10"
	const use = "RFC 7517 section 4.2"
	foreign := signedBy(foreignKey)
	cases := []Case{
		refused("foreign key under a known kid", "RFC 7515 section 5.2", foreign),
		refused("foreign key under an unknown kid", source, header("kid", `"unknown"`), foreign),
		refused("foreign key under its thumbprint", source, func(d *draft) { d.header.set("kid", `"`+thumbprint(d.world.Keys.foreign.Public())+`"`) }, foreign),
		refused("foreign key, no kid", source, header("kid", ""), foreign),
		refused("no kid where several keys fit", source, header("kid", "")),
		refused("honest key under an unknown kid", source, header("kid", `"unknown"`)),
		refused("honest key under another key's kid", source, header("kid", `"`+kidSecond+`"`)),
		refused("another published key under the honest kid", source, signedBy(secondKey)),
		refused("kid in another case", source, header("kid", `"$KID"`)),
		refused("kid with a blank after it", source, header("kid", `"$kid "`)),
		refused("kid with a NUL after it", source, header("kid", `"$kid\u0000"`)),
		refused("kid empty", source, header("kid", `""`)),
		refused("kid null", source, header("kid", "null")),
		refused("kid a number", source, header("kid", "0")),
		refused("kid an array", source, header("kid", `["$kid"]`)),
		refused("kid an object", source, header("kid", `{"kid":"$kid"}`)),
		refused("kid true", source, header("kid", "true")),
		refused("kid an index", source, header("kid", `"0"`)),
		refused("kid under another name", source, header("kid", ""), header("KID", `"$kid"`)),
		refused("kid a path to an empty file", injected, header("kid", `"../../../../dev/null"`), foreign),
		refused("kid a path to a known file", injected, header("kid", `"/proc/sys/kernel/randomize_va_space"`), foreign),
		refused("kid an SQL statement", injected, header("kid", `"x' UNION SELECT 'key"`), foreign),
		refused("kid a shell command", injected, header("kid", `"key|/bin/sleep 5"`), foreign),
		refused("kid an LDAP filter", injected, header("kid", `"*)(uid=*"`), foreign),
		refused("kid a URL", injected, header("kid", `"$canary/jwks.json"`), foreign),
		refused("kid a format string", injected, header("kid", `"%s%n%x"`), foreign),
		refused("kid a prototype", injected, header("kid", `"__proto__"`), foreign),
		refused("kid of 8,000 bytes", injected, header("kid", `"`+strings.Repeat("k", 8000)+`"`), foreign),
		refused("key for encryption", use, header("kid", `"`+kidEncryption+`"`), signedBy(encryptionKey)),
		refused("key whose operations lack verify", "RFC 7517 section 4.3", header("kid", `"`+kidNoVerify+`"`), signedBy(secondKey)),
		refused("kid of a broken key", "RFC 7517 section 5", header("kid", `"broken"`), foreign),
		refused("kid of a key of an unknown kind", "RFC 7517 section 5", header("kid", `"alien"`), foreign),
		refused("kid of a symmetric key", "RFC 8725 section 3.5", header("kid", `"`+kidSymmetric+`"`)),
	}
	return append(cases, only("RS256",
		refused("key of 1024 bits", "RFC 7518 section 3.3", header("kid", `"`+kidWeak+`"`), signedBy(weakKey)),
	)...)
}
