package todomcp

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"mcpharness/internal/guard"
)

// sse is the HTTP+SSE transport of MCP 2024-11-05, for clients that know no other: a GET opens an event stream, whose
// first event names the URL for POSTs, and what the POSTs ask is answered on the stream.
//
// The SDK has such a transport too, but it runs every POST with the rights of the stream's token, whoever sent it. Here
// a POST passes the same gate as on the streamable transport and is run by the same handler, so it has the rights of its
// own token and nothing else; the stream is only where its answer goes. Who opened the stream matters for one thing: a
// POST must come from the same person through the same client.
type sse struct {
	path    string
	guard   *guard.Guard
	calls   http.Handler // of the streamable transport, without its guard
	streams streams
	log     *slog.Logger
	changed func(by int) // is told of streams that open and end
}

// SSEURL is where the HTTP+SSE transport is served beside the MCP endpoint with this URL: the last segment of its path
// becomes "sse". It is a protected resource of its own for OAuth (RFC 9728), so an authorization server that knows its
// resources must know it too. It is empty where the MCP endpoint itself has that URL, or none.
func SSEURL(resource string) string {
	u, err := url.Parse(resource)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return ""
	}
	path := u.EscapedPath()
	path = path[:strings.LastIndex(path, "/")+1] // "" of a URL without a path
	if path == "" {
		path = "/"
	}
	if path += "sse"; path == u.EscapedPath() {
		return ""
	}
	origin := url.URL{Scheme: u.Scheme, Host: u.Host}
	return origin.String() + path
}

func (s *Server) newSSE(resource string) (*sse, error) {
	legacy, err := s.guard.Legacy(resource)
	if err != nil {
		return nil, err
	}
	path, err := endpointPath(resource)
	if err != nil {
		return nil, err
	}
	e := &sse{path: path, guard: legacy, calls: s.mcpHandler(), log: s.log, changed: func(int) {}}
	if s.observer != nil {
		e.changed = s.observer.StreamsChanged
	}
	return e, nil
}

func (e *sse) handler() http.Handler {
	post := e.guard.Protect(http.HandlerFunc(e.post))
	other := e.guard.Authenticate(http.HandlerFunc(e.open))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			post.ServeHTTP(w, r)
			return
		}
		other.ServeHTTP(w, r)
	})
}

// open serves an event stream until its token expires, its client leaves or does not read, or the server stops.
func (e *sse) open(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, "want GET for an event stream or POST for a message, got another method", http.StatusMethodNotAllowed)
		return
	}
	id, _ := guard.FromContext(r.Context())
	stream, err := e.streams.add(ownerOf(id))
	if err != nil {
		status := http.StatusServiceUnavailable
		if errors.Is(err, errTooManyOfOne) {
			status = http.StatusTooManyRequests
		}
		w.Header().Set("Retry-After", strconv.Itoa(int(keepAlive/time.Second))) // by then a dead stream is found out
		http.Error(w, err.Error(), status)
		return
	}
	defer e.streams.remove(stream)
	e.changed(1)
	defer e.changed(-1)
	endpoint := e.path + "?" + url.Values{"sessionid": {stream.id}}.Encode()
	reason := stream.serve(w, r, endpoint, streamEnd(id))
	e.log.DebugContext(r.Context(), "event stream ended", "reason", reason)
}

// streamEnd is when a stream of this identity must end: with its token, and after five minutes where the token does not
// say when that is.
func streamEnd(id guard.Identity) time.Time {
	if id.Expires.IsZero() {
		return time.Now().Add(5 * time.Minute)
	}
	return id.Expires
}

// post runs a message and puts the answer on the caller's stream. The POST is answered after that, so a client that sends
// faster than calls run is slowed down, and one that leaves cancels its call.
func (e *sse) post(w http.ResponseWriter, r *http.Request) {
	id, _ := guard.FromContext(r.Context())
	stream := e.streams.find(r.URL.Query()["sessionid"], ownerOf(id))
	if stream == nil {
		e.noStream(w)
		return
	}
	r.Header.Set("Accept", "application/json, text/event-stream") // which this transport does not ask of clients
	answer := heldAnswer{header: http.Header{}}
	e.calls.ServeHTTP(&answer, r)
	event, isMessage := answer.message()
	switch {
	case isMessage && !stream.push(event):
		e.noStream(w)
	case isMessage, answer.status < 300: // nothing is to be said on a notification
		w.WriteHeader(http.StatusAccepted)
	default:
		http.Error(w, strings.TrimSpace(answer.body.String()), answer.status)
	}
}

// noStream is one answer for streams that never were, have ended, or are another's, so it tells nothing of them.
func (e *sse) noStream(w http.ResponseWriter) {
	http.Error(w, "no open stream of yours has this session id; open one with GET "+e.path, http.StatusNotFound)
}

// heldAnswer is an HTTP answer in memory.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *heldAnswer) Header() http.Header { return a.header }

func (a *heldAnswer) WriteHeader(status int) {
	if a.status == 0 && status >= 200 {
		a.status = status
	}
}

func (a *heldAnswer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

// message returns the JSON-RPC message that the answer is, in one line, and whether it is one. Errors are, too, whatever
// their HTTP status: that status belongs to the other transport.
func (a *heldAnswer) message() (line []byte, is bool) {
	mediaType, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	if mediaType != "application/json" || a.body.Len() == 0 {
		return nil, false
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, a.body.Bytes()); err != nil {
		return nil, false
	}
	return compact.Bytes(), true
}
