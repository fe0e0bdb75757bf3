package idp

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/personality"
)

// maxForm bounds forms: a token request with long codes and many resources needs a few kilobytes.
const maxForm = 64 << 10

func isForm(r *http.Request) bool {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && media == "application/x-www-form-urlencoded"
}

// readBody reads a form-encoded body.
func readBody(w http.ResponseWriter, r *http.Request, keepEmpty bool) (url.Values, *engine.Error) {
	if !isForm(r) {
		return nil, engine.NewError("invalid_request", "want Content-Type: application/x-www-form-urlencoded")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if err != nil {
		refusal := engine.NewError("invalid_request", "the body could not be read")
		if errors.As(err, new(*http.MaxBytesError)) {
			refusal = engine.NewError("invalid_request", "the body is longer than 64 KiB")
			refusal.Status = http.StatusRequestEntityTooLarge
		}
		return nil, refusal
	}
	return parseForm(string(body), keepEmpty)
}

// parseForm parses form-encoded parameters. One without a value counts as omitted (RFC 6749 §3.1 and §3.2), unless it is kept. The values
// are copies: what is kept of them does not keep the request in memory.
func parseForm(encoded string, keepEmpty bool) (url.Values, *engine.Error) {
	form, err := url.ParseQuery(encoded)
	if err != nil {
		return nil, engine.NewFault(personality.BadEncoding, "", "invalid_request", "the parameters are not form-encoded (a bad percent escape, or a semicolon)")
	}
	for name, values := range form {
		if !keepEmpty {
			values = slices.DeleteFunc(values, func(v string) bool { return v == "" })
		}
		if len(values) == 0 {
			delete(form, name)
			continue
		}
		for i, value := range values {
			values[i] = strings.Clone(value)
		}
		form[name] = values
	}
	return form, nil
}
