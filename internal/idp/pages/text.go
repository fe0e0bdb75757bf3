package pages

import (
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"unicode"
)

const (
	nameLength  = 60   // runes of a name before it is cut; the whole stands in its title attribute
	valueLength = 4096 // runes of any value
	cardScopes  = 8    // scopes that a user card lists by name
)

var functions = template.FuncMap{
	"css":           func() template.CSS { return template.CSS(stylesheet) },
	"visible":       visible,
	"short":         short,
	"isCut":         func(s string) bool { return short(s) != visible(s) },
	"fewer":         fewer,
	"named":         named,
	"roles":         roles,
	"notIn":         notIn,
	"spoken":        spoken,
	"withheld":      withheld,
	"isWebLink":     isWebLink,
	"isDocument":    isDocument,
	"privateScheme": privateScheme,
	"root":          func(issuer string) string { return strings.TrimSuffix(issuer, "/") + "/" },
	"statusText":    http.StatusText,
}

// invisible holds what a reader cannot see and Bidi_Control and Cc leave out: zero-width and
// filler characters, line separators and tags. Joiners stay, names in Persian and Hindi need them.
var invisible = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x00AD, Hi: 0x00AD, Stride: 1}, {Lo: 0x034F, Hi: 0x034F, Stride: 1},
		{Lo: 0x115F, Hi: 0x1160, Stride: 1}, {Lo: 0x17B4, Hi: 0x17B5, Stride: 1},
		{Lo: 0x180E, Hi: 0x180E, Stride: 1}, {Lo: 0x200B, Hi: 0x200B, Stride: 1},
		{Lo: 0x2028, Hi: 0x2029, Stride: 1}, {Lo: 0x2060, Hi: 0x2065, Stride: 1},
		{Lo: 0x3164, Hi: 0x3164, Stride: 1}, {Lo: 0xFEFF, Hi: 0xFEFF, Stride: 1},
		{Lo: 0xFFA0, Hi: 0xFFA0, Stride: 1}, {Lo: 0xFFF9, Hi: 0xFFFB, Stride: 1},
	},
	R32:         []unicode.Range32{{Lo: 0xE0000, Hi: 0xE007F, Stride: 1}},
	LatinOffset: 1,
}

// visible writes s so that nothing in it hides or reorders text: controls, bidi controls and
// invisible characters as their code point, blanks at the ends as an open box.
func visible(s string) string {
	runes := []rune(strings.ToValidUTF8(s, "\uFFFD"))
	cut := len(runes) - valueLength
	if cut > 0 {
		runes = runes[:valueLength]
	}
	first := 0
	for first < len(runes) && unicode.Is(unicode.Zs, runes[first]) {
		first++
	}
	last := len(runes)
	for last > first && unicode.Is(unicode.Zs, runes[last-1]) {
		last--
	}
	var b strings.Builder
	for i, r := range runes {
		switch {
		case unicode.In(r, unicode.Cc, unicode.Bidi_Control, invisible):
			fmt.Fprintf(&b, "[U+%04X]", r)
		case i < first || i >= last:
			b.WriteRune('\u2423')
		default:
			b.WriteRune(r)
		}
	}
	if cut > 0 {
		fmt.Fprintf(&b, "\u2026 (%d characters more)", cut)
	}
	return b.String()
}

// short is visible, cut to the length of a name.
func short(s string) string {
	runes := []rune(visible(s))
	if len(runes) <= nameLength {
		return string(runes)
	}
	return string(runes[:nameLength-1]) + "\u2026"
}

// list joins as a sentence does: "a", "a and b", "a, b and c".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// fewer cuts a card's scopes: many scopes of many users must not bury the names.
func fewer(scopes []string) []string {
	if len(scopes) <= cardScopes+1 {
		return scopes
	}
	return append(scopes[:cardScopes:cardScopes], fmt.Sprintf("%d more", len(scopes)-cardScopes))
}

// named returns the name, or the identifier where there is none.
func named(name, id string) string {
	if strings.TrimSpace(name) == "" {
		return id
	}
	return name
}

func roles(names []string) string {
	switch len(names) {
	case 0:
		return "no role"
	case 1:
		return "role " + names[0]
	default:
		return "roles " + list(names)
	}
}

// notIn is the reason on a card, where the scopes stand before it.
func notIn(names []string) string {
	switch len(names) {
	case 0:
		return "no role includes them"
	case 1:
		return "not in role " + names[0]
	default:
		return "not in roles " + list(names)
	}
}

// spoken is a card as a screen reader says it: what the eye parts by place, the ear by commas.
// It begins with the visible username, so that "press bob" works for speech input too.
func spoken(card UserCard) string {
	parts := []string{card.Username}
	if card.Name != "" {
		parts = append(parts, card.Name)
	}
	parts = append(parts, named(list(card.Roles), "no role"))
	switch {
	case len(card.Allowed) > 0:
		parts = append(parts, "gets "+list(card.Allowed))
	case len(card.Withheld) > 0:
		parts = append(parts, "gets none of the scopes asked for")
	}
	if len(card.Withheld) > 0 {
		parts = append(parts, "withheld "+list(card.Withheld)+", "+notIn(card.Roles))
	}
	if card.Preselected {
		parts = append(parts, "suggested by the client")
	}
	return visible(strings.Join(parts, ", "))
}

// withheld says why scope is not granted, for example
// "withheld: bob's role User does not include read:todos".
func withheld(username string, names []string, scope string) string {
	switch len(names) {
	case 0:
		return fmt.Sprintf("withheld: %s has no role that includes %s", username, scope)
	case 1:
		return fmt.Sprintf("withheld: %s's role %s does not include %s", username, names[0], scope)
	default:
		return fmt.Sprintf("withheld: %s's roles %s do not include %s", username, list(names), scope)
	}
}

func isWebLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// isDocument tells the endpoints that a browser can open from those that need a request of their own.
func isDocument(endpoint Detail) bool {
	return isWebLink(endpoint.Value) &&
		(strings.Contains(endpoint.Value, "/.well-known/") || endpoint.Name == "jwks_uri")
}

// privateScheme reports whether the redirect host is a scheme with its colon (RFC 8252 section 7.1).
func privateScheme(host string) bool { return strings.HasSuffix(host, ":") }
