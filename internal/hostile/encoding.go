package hostile

import (
	"encoding/base64"
	"strings"
)

func encodingCases() []Case {
	const alphabet = "RFC 7515 section 2 and appendix C"
	const canonical = "RFC 4648 section 3.5"
	return []Case{
		malformed("header padded", bearerUsage, written(part(0, pad))),
		malformed("claims padded", bearerUsage, written(part(1, pad))),
		refused("signature padded", alphabet, edited(part(2, pad))),
		refused("signature followed by one =", alphabet, edited(func(t string) string { return t + "=" })),
		refused("claims in the standard alphabet", alphabet, claim("x", `"????????"`), written(part(1, standard))),
		refused("header in the standard alphabet", alphabet, header("x", `"????????"`), written(part(0, standard))),
		refused("stray bits in the header", canonical, unaligned(func(d *draft) *object { return &d.header }), written(part(0, strayBits))),
		refused("stray bits in the claims", canonical, unaligned(func(d *draft) *object { return &d.claims }), written(part(1, strayBits))),
		refused("stray bits in the signature", canonical, edited(part(2, strayBits))),
		refused("claims one character short", canonical, written(part(1, func(p string) string { return p[:len(p)/4*4-3] }))),
		refused("signature in hexadecimal", alphabet, edited(part(2, func(string) string { return strings.Repeat("0a", 64) }))),
		refused("tilde after the token", "SD-JWT section 4", edited(func(t string) string { return t + "~" })),
		refused("header and claims swapped", compactForm, edited(func(t string) string { p := strings.Split(t, "."); return p[1] + "." + p[0] + "." + p[2] })),
		refused("claims left out", compactForm, edited(part(1, func(string) string { return "" }))),
		refused("header left out", compactForm, edited(part(0, func(string) string { return "" }))),
		refused("only dots", compactForm, token("..")),
		refused("one dot", compactForm, token(".")),
		refused("one part", compactForm, edited(func(t string) string { return t[:strings.Index(t, ".")] })),
		refused("two parts", compactForm, edited(func(t string) string { return t[:strings.LastIndex(t, ".")] })),
		refused("four parts", compactForm, edited(func(t string) string { return t + ".AAAA" })),
		refused("dot before the token", compactForm, edited(func(t string) string { return "." + t })),
		refused("dot after the token", compactForm, edited(func(t string) string { return t + "." })),
		refused("three dots in a row", compactForm, edited(func(t string) string { return strings.Replace(t, ".", "...", 1) })),
		refused("token in upper case", compactForm, edited(strings.ToUpper)),
		refused("token in base64 once more", compactForm, edited(encode)),
		refused("a byte of the signature changed", "RFC 7515 section 5.2", edited(part(2, flip))),
		refused("a byte of the claims changed", "RFC 7515 section 5.2", edited(func(t string) string { return strings.Replace(t, ".ey", ".ew", 1) })),
		refused("claims of another token", "RFC 7515 section 5.2", func(d *draft) {
			other := newDraft(d.world, "")
			other.claims.set("sub", `"somebody-else"`)
			claims := strings.Split(other.token(), ".")[1]
			edited(part(1, func(string) string { return claims }))(d)
		}),
		refused("longer than 16 KiB", "RFC 8725 section 3.7", sized(maxToken+1)),
		refused("60 KiB", "RFC 8725 section 3.7", sized(60<<10)),
		malformed("blank in the token", bearerUsage, edited(func(t string) string { return strings.Replace(t, ".", ". ", 1) })),
		malformed("tab in the token", bearerUsage, edited(func(t string) string { return strings.Replace(t, ".", ".\t", 1) })),
		malformed("dots percent-encoded", bearerUsage, edited(func(t string) string { return strings.ReplaceAll(t, ".", "%2E") })),
		malformed("padding in the middle", bearerUsage, edited(func(t string) string { return strings.Replace(t, ".", "==.", 1) })),
		malformed("letters outside ASCII", bearerUsage, edited(func(t string) string { return t + "\u00e9" })),
		malformed("zero-width space", bearerUsage, edited(func(t string) string { return "\u200b" + t })),
		malformed("comma after the token", bearerUsage, edited(func(t string) string { return t + "," })),
		malformed("token in quotes", bearerUsage, edited(func(t string) string { return `"` + t + `"` })),
		malformed("token in angle brackets", bearerUsage, edited(func(t string) string { return "<" + t + ">" })),
	}
}

// maxToken is the length of the longest token that todo-mcp reads.
const maxToken = 16 << 10

// part makes an edit of one part of a token, or of what is signed, into one of the whole.
func part(index int, edit func(string) string) func(string) string {
	return func(whole string) string {
		parts := strings.Split(whole, ".")
		parts[index] = edit(parts[index])
		return strings.Join(parts, ".")
	}
}

func pad(part string) string {
	if missing := -len(part) & 3; missing > 0 {
		return part + strings.Repeat("=", missing)
	}
	return part + "====" // nothing was missing
}

func standard(part string) string { return strings.NewReplacer("-", "+", "_", "/").Replace(part) }

// flip changes a bit of the first byte.
func flip(part string) string {
	data := must(base64.RawURLEncoding.DecodeString(part))
	data[0] ^= 1
	return encode(string(data))
}

const alphabet64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// strayBits sets the lowest bit of the last character, which no decoder needs where the length is no multiple of four.
func strayBits(part string) string {
	last := strings.IndexByte(alphabet64, part[len(part)-1])
	return part[:len(part)-1] + string(alphabet64[last|1])
}

// unaligned makes a part's length one where the last character has unused bits.
func unaligned(choose func(*draft) *object) change {
	return func(d *draft) {
		o := choose(d)
		for len(d.expander().Replace(o.String()))%3 == 0 {
			o.last("pad", `"x"`)
		}
	}
}

// sized makes the token exactly that long.
func sized(length int) change {
	return func(d *draft) {
		signature := len(encode(string(d.sign("x"))))
		for filler := ""; ; filler += "x" { // base64 has no text of every length
			d.header.set("x", `"`+filler+`"`)
			d.claims.set("x", `""`)
			expand := d.expander()
			claims := length - len(encode(expand.Replace(d.header.String()))) - signature - 2
			if claims%4 != 1 {
				missing := claims*3/4 - len(expand.Replace(d.claims.String()))
				d.claims.set("x", `"`+strings.Repeat("x", missing)+`"`)
				return
			}
		}
	}
}
