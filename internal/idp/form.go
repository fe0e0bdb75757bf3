package idp

import (
	"encoding/json"
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
		return nil, engine.NewFault(personality.BodyType, "", "invalid_request", "want Content-Type: application/x-www-form-urlencoded")
	}
	body, refusal := readAll(w, r)
	if refusal != nil {
		return nil, refusal
	}
	return parseForm(string(body), keepEmpty)
}

// readObject reads a JSON object as if it was a form. Members that are neither texts nor lists of texts are left out.
func readObject(w http.ResponseWriter, r *http.Request) (url.Values, *engine.Error) {
	body, refusal := readAll(w, r)
	if refusal != nil {
		return nil, refusal
	}
	var members map[string]any
	if err := json.Unmarshal(body, &members); err != nil {
		return nil, engine.NewFault(personality.BadEncoding, "", "invalid_request", "the body is no JSON object")
	}
	form := url.Values{}
	for name, value := range members {
		values, isList := value.([]any)
		if !isList {
			values = []any{value}
		}
		for _, one := range values {
			if text, ok := one.(string); ok && text != "" {
				form.Add(name, text)
			}
		}
	}
	return form, nil
}

func isJSON(r *http.Request) bool {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && media == "application/json"
}

func readAll(w http.ResponseWriter, r *http.Request) ([]byte, *engine.Error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if err != nil {
		refusal := engine.NewError("invalid_request", "the body could not be read")
		if errors.As(err, new(*http.MaxBytesError)) {
			refusal = engine.NewError("invalid_request", "the body is longer than 64 KiB")
			refusal.Status = http.StatusRequestEntityTooLarge
		}
		return nil, refusal
	}
	return body, nil
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
