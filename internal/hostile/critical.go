package hostile

import "strings"

func criticalCases() []Case {
	const source = "RFC 7515 section 4.1.11"
	const unencoded = "RFC 7797 section 6"
	return []Case{
		refused("unknown extension", source, header("crit", `["urn:example:must"]`), header("urn:example:must", "true")),
		refused("extension that is not there", source, header("crit", `["exp"]`)),
		refused("exp in the header", source, header("crit", `["exp"]`), header("exp", "1")),
		refused("empty list", source, header("crit", "[]")),
		refused("a string", source, header("crit", `"exp"`)),
		refused("null", source, header("crit", "null")),
		refused("an object", source, header("crit", "{}")),
		refused("a parameter of the standard", source, header("crit", `["alg"]`)),
		refused("a name twice", source, header("crit", `["b64","b64"]`), header("b64", "true")),
		refused("an empty name", source, header("crit", `[""]`), headerLast("", "1")),
		refused("numbers", source, header("crit", "[1]")),
		refused("b64 true, named", unencoded, header("crit", `["b64"]`), header("b64", "true")),
		refused("b64 true, not named", unencoded, header("b64", "true")),
		refused("b64 false, not named", unencoded, header("b64", "false")),
		refused("b64 false, payload encoded all the same", unencoded, header("crit", `["b64"]`), header("b64", "false")),
		refused("b64 false, payload left out", unencoded, header("crit", `["b64"]`), header("b64", "false"), edited(func(t string) string {
			parts := strings.Split(t, ".")
			return parts[0] + ".." + parts[2]
		})),
		refused("zip", "RFC 7516 section 4.1.3", header("zip", `"DEF"`)),
		refused("CRIT in another case beside crit", source, header("crit", `["b64"]`), header("CRIT", "[]")),
	}
}
