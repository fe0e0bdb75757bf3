package providercheck

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// shares says why a browser would keep an answer from a script of the origin, or "".
func (c *checker) shares(got answer) string {
	allowed := got.header.Values("Access-Control-Allow-Origin")
	if len(allowed) == 1 && (allowed[0] == "*" || allowed[0] == c.Origin) {
		return ""
	}
	if len(allowed) == 0 {
		return "the answer has no Access-Control-Allow-Origin"
	}
	return fmt.Sprintf("Access-Control-Allow-Origin is %q", clip(strings.Join(allowed, ", ")))
}

// preflight asks as a browser does before it sends a request with this header, and says why the browser would not send it, or "".
func (c *checker) preflight(ctx context.Context, what, location, method, header string) (string, error) {
	got, err := c.ask.do(ctx, question{what: "a preflight of " + what, method: http.MethodOptions, url: location, header: map[string]string{
		"Origin": c.Origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": header, "Accept": "*/*"}})
	if err != nil {
		return "", err
	}
	if got.status < 200 || got.status > 299 {
		return "the preflight is answered with " + got.says(), nil
	}
	if reason := c.shares(got); reason != "" {
		return "preflight: " + reason, nil
	}
	allowed := strings.ToLower(strings.Join(got.header.Values("Access-Control-Allow-Headers"), ","))
	for name := range strings.SplitSeq(allowed, ",") {
		if name = strings.TrimSpace(name); name == header || name == "*" {
			return "", nil
		}
	}
	return "the preflight does not allow the header " + header, nil
}

// checkDiscoveryCORS asks for the document as a browser client does, and preflights registration.
func (c *checker) checkDiscoveryCORS(ctx context.Context) {
	refused, err := c.preflight(ctx, "the metadata", c.source, http.MethodGet, "mcp-protocol-version")
	if err == nil {
		got, failed := c.ask.do(ctx, question{what: "the metadata for a browser", url: c.source, header: map[string]string{"Origin": c.Origin}})
		switch unshared := c.shares(got); {
		case failed != nil:
			err = failed
		case unshared != "":
			c.warn(CORSMetadata, "Answer GET and OPTIONS of the well-known URLs with Access-Control-Allow-Origin: * and allow the header MCP-Protocol-Version.", "%s may not read the metadata: %s", c.Origin, unshared)
		case refused != "":
			c.warn(CORSMetadata, "Allow the header MCP-Protocol-Version in preflights of the well-known URLs.", "%s: %s; without the header the document can be read", c.Origin, refused)
		default:
			c.ok(CORSMetadata, "%s may read them, also with MCP-Protocol-Version", c.Origin)
		}
	}
	if err != nil {
		c.unanswered(CORSMetadata, Warning, err)
	}
	location := c.document.urls[registrationEndpoint]
	if location == "" {
		return
	}
	switch refused, err := c.preflight(ctx, "the registration endpoint", location, http.MethodPost, "content-type"); {
	case err != nil:
		c.unanswered(CORSRegistration, Warning, err)
	case refused != "":
		c.warn(CORSRegistration, "Answer OPTIONS of the registration endpoint, and allow the header Content-Type.", "%s may not register a client: %s", c.Origin, refused)
	default:
		c.ok(CORSRegistration, "%s passes the preflight", c.Origin)
	}
}
