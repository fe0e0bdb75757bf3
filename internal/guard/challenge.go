package guard

import "strings"

// challenge writes the WWW-Authenticate value of RFC 6750 section 3 and RFC 9728 section 5.1.
type challenge struct {
	err         string // empty for the anonymous, who did nothing wrong
	description string
	scopes      []string
}

func (c challenge) header(metadataURL string) string {
	var b strings.Builder
	b.WriteString("Bearer ")
	if c.err != "" {
		b.WriteString(`error="` + c.err + `", `)
	}
	if c.description != "" {
		b.WriteString(`error_description="` + describable(c.description) + `", `)
	}
	b.WriteString(`resource_metadata="` + metadataURL + `"`)
	var scopes []string
	for _, s := range c.scopes {
		if isScopeToken(s) {
			scopes = append(scopes, s)
		}
	}
	if len(scopes) > 0 {
		b.WriteString(`, scope="` + strings.Join(scopes, " ") + `"`)
	}
	return b.String()
}

// describable turns text into an error_description (RFC 6750 section 3: %x20-21 / %x23-5B / %x5D-7E), cut to a length
// that fits every proxy's header limits.
func describable(text string) string {
	const longest = 300
	var b strings.Builder
	for _, r := range text {
		if b.Len() == longest {
			break
		}
		switch {
		case r == '"':
			b.WriteByte('\'')
		case r < 0x20 || r == '\\' || r > 0x7e:
			b.WriteByte('?')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isScopeToken is scope-token of RFC 6749 section 3.3.
func isScopeToken(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= 0x20 || c == '"' || c == '\\' || c > 0x7e {
			return false
		}
	}
	return s != ""
}
