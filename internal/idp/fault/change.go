package fault

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
)

// kept is an answer that is held back until it is changed.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *kept) Header() http.Header { return k.header }

func (k *kept) WriteHeader(status int) {
	if k.status == 0 {
		k.status = status
	}
}

func (k *kept) Write(b []byte) (int, error) {
	k.WriteHeader(http.StatusOK)
	return k.body.Write(b)
}

// answerOf has a server answer, and holds the answer back.
func answerOf(server http.Handler, r *http.Request) *kept {
	k := &kept{header: http.Header{}}
	server.ServeHTTP(k, r)
	k.WriteHeader(http.StatusOK)
	return k
}

func (k *kept) send(w http.ResponseWriter) {
	for name, values := range k.header {
		w.Header()[name] = values
	}
	w.Header().Del("Content-Length") // it may be another now
	w.WriteHeader(k.status)
	_, _ = w.Write(k.body.Bytes())
}

// edit changes the JSON object that the answer is; any other answer stays as it is.
func (k *kept) edit(change func(members map[string]json.RawMessage)) {
	var members map[string]json.RawMessage
	if json.Unmarshal(k.body.Bytes(), &members) != nil || members == nil {
		return
	}
	change(members)
	encoded, err := json.Marshal(members)
	if err != nil {
		return // what was parsed can be written
	}
	k.body.Reset()
	k.body.Write(encoded)
}

// changing lets a function change each answer to the requests that fit.
func changing(server http.Handler, fits func(*http.Request) bool, change func(*http.Request, *kept)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !fits(r) {
			server.ServeHTTP(w, r)
			return
		}
		answer := answerOf(server, r)
		change(r, answer)
		answer.send(w)
	})
}

// maxBody is what of a request is read to judge it. The server's own limits are lower.
const maxBody = 1 << 20

// peek reads a request's body and leaves it there for the server.
func peek(r *http.Request) []byte {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		body = nil // the server meets the same error
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
	return body
}

// replace gives a request another body.
func replace(r *http.Request, body []byte) {
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	r.Header.Set("Content-Length", strconv.Itoa(len(body)))
}

// refuse answers with an OAuth error.
func refuse(w http.ResponseWriter, status int, code, text string) {
	body, err := json.Marshal(map[string]string{"error": code, "error_description": text})
	if err != nil {
		panic(err) // two strings
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
