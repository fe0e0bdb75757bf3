package guard

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"strings"
)

// textAnswers turns the error answers of the MCP handler that are no JSON into JSON-RPC errors with the request's id.
// Everything else passes unbuffered: streams stay streams.
type textAnswers struct {
	http.ResponseWriter
	id     json.RawMessage
	wrote  bool
	status int // of the answer that is held back, else 0
	text   bytes.Buffer
}

const maxHeldText = 1 << 10

func (t *textAnswers) WriteHeader(status int) {
	if t.wrote || status < 200 {
		if !t.wrote {
			t.ResponseWriter.WriteHeader(status)
		}
		return
	}
	t.wrote = true
	if mediaType, _, _ := mime.ParseMediaType(t.Header().Get("Content-Type")); status >= 400 && mediaType != "application/json" {
		t.status = status
		return
	}
	t.ResponseWriter.WriteHeader(status)
}

func (t *textAnswers) Write(p []byte) (int, error) {
	if !t.wrote {
		t.WriteHeader(http.StatusOK)
	}
	if t.status == 0 {
		return t.ResponseWriter.Write(p)
	}
	t.text.Write(p[:min(len(p), maxHeldText-t.text.Len())])
	return len(p), nil
}

// FlushError is what http.ResponseController calls.
func (t *textAnswers) FlushError() error {
	if !t.wrote {
		t.WriteHeader(http.StatusOK)
	}
	if t.status != 0 {
		return nil
	}
	return http.NewResponseController(t.ResponseWriter).Flush()
}

// Flush is for handlers that ask for an http.Flusher.
func (t *textAnswers) Flush() { _ = t.FlushError() }

// Unwrap gives http.ResponseController the rest of the server's abilities.
func (t *textAnswers) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// finish writes what was held back.
func (t *textAnswers) finish() {
	if t.status == 0 {
		return
	}
	text := string(bytes.ToValidUTF8(bytes.TrimSpace(t.text.Bytes()), []byte("?")))
	if text == "" {
		text = http.StatusText(t.status)
	}
	code := codeRefused
	if t.status == http.StatusBadRequest && strings.Contains(text, "JSON RPC not handled") {
		code = codeMethodNotFound // go-sdk 1.8 says so of an unknown method, in text, to the older protocol revisions
	}
	t.Header().Del("Content-Encoding")
	writeError(t.ResponseWriter, t.status, t.id, code, text)
}
