package fidelity

import (
	"mime"
	"net/url"
	"slices"
	"strings"
)

// observe reduces an answer to what a client could act on.
func (c *talk) observe(a *answer) tree {
	seen := tree{"status": float64(a.status)}
	kind, parameters, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	if kind == "application/json" {
		parameters = nil // it has none (RFC 8259 §11): nobody reads them
	}
	if kind != "" && len(a.body) > 0 {
		seen["content-type"] = strings.ToLower(mime.FormatMediaType(kind, parameters))
	}
	headers := []string{"WWW-Authenticate", "Allow", "Retry-After"}
	redirects := a.status >= 300 && a.status < 400
	if kind != "text/html" && !redirects {
		headers = append(headers, "Cache-Control", "Pragma")
	}
	for name := range a.header {
		if c.readsCORS && strings.HasPrefix(name, "Access-Control-") {
			headers = append(headers, name)
		}
	}
	for _, name := range headers {
		if values := a.header.Values(name); len(values) > 0 {
			seen[strings.ToLower(name)] = c.headerValue(name, strings.Join(values, ", "))
		}
	}
	if location := a.header.Get("Location"); location != "" {
		seen["location"] = c.location(a, location)
	}
	switch {
	case len(a.body) == 0 || redirects:
	case kind == "text/html":
		seen["page"] = c.page(a)
	case a.json() != nil && c.metadata != nil && !c.readsMetadata && canonical(a.json()) == canonical(c.metadata):
		seen["json"] = "the metadata"
	case a.json() != nil:
		seen["json"] = c.shape("", a.json())
	default:
		seen["text"] = c.plain(string(a.body[:min(len(a.body), 300)]))
	}
	return seen
}

// headerValue is the header in one spelling: lists have no order.
func (c *talk) headerValue(name, value string) string {
	value = c.plain(value)
	switch name {
	case "Access-Control-Allow-Headers", "Access-Control-Allow-Methods", "Access-Control-Expose-Headers", "Allow", "Cache-Control":
		words := strings.Split(value, ",")
		for i := range words {
			words[i] = strings.TrimSpace(words[i])
		}
		slices.Sort(words)
		return strings.Join(slices.Compact(words), ", ")
	}
	return value
}

// location is where a redirect leads: the names of its parameters in their order, and the values that a client reads.
func (c *talk) location(a *answer, raw string) tree {
	target, err := a.url.Parse(raw)
	if err != nil {
		return tree{"to": "no URL"}
	}
	seen := tree{}
	query := target.RawQuery
	if target.Fragment != "" {
		query = target.EscapedFragment()
		seen["in"] = "fragment"
	}
	bare := *target
	bare.RawQuery, bare.Fragment, bare.RawFragment = "", "", ""
	seen["to"] = c.plain(bare.String())
	var names []string
	toClient := !strings.HasPrefix(raw, c.issuer) && !strings.HasPrefix(raw, "/")
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name == "" {
			continue
		}
		name, _ = url.QueryUnescape(name)
		value, _ = url.QueryUnescape(value)
		names = append(names, name)
		if toClient {
			seen[name] = c.shape(name, value)
		}
	}
	seen["parameters"] = strings.Join(names, " ")
	return seen
}
