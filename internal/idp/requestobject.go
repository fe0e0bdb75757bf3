package idp

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
)

// unsignedObject reads the parameters in a request object that nobody signed (OpenID Connect Core §6.1). What is no text counts as its
// JSON.
func unsignedObject(jwt string) (url.Values, error) {
	parts := strings.Split(jwt, ".")
	if len(parts) < 2 || len(parts) > 3 {
		return nil, errors.New("no JWT")
	}
	var header struct {
		Algorithm string `json:"alg"`
	}
	if err := readPart(parts[0], &header); err != nil {
		return nil, err
	}
	if header.Algorithm != "none" {
		return nil, errors.New("signed, and signatures of request objects are not verified here")
	}
	var payload json.RawMessage
	if err := readPart(parts[1], &payload); err != nil {
		return nil, err
	}
	parameters := url.Values{}
	var claims map[string]json.RawMessage
	if json.Unmarshal(payload, &claims) != nil {
		return parameters, nil // JSON of another kind asks for nothing
	}
	for name, value := range claims {
		if string(value) == "null" {
			continue
		}
		var text string
		if json.Unmarshal(value, &text) != nil {
			var compact bytes.Buffer
			if err := json.Compact(&compact, value); err != nil {
				return nil, err
			}
			text = compact.String()
		}
		parameters.Set(name, text)
	}
	return parameters, nil
}

func readPart(part string, into any) error {
	decoded, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(decoded, into)
}
