package guard

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"
)

// Protect is the whole gate in front of the MCP endpoint. next runs with the [Identity] in the request's context, the
// body restored, and without the Authorization header: a client's token must not travel on to another API (MCP,
// security best practices, token passthrough).
func (g *Guard) Protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.serve(w, r, next) })
}

// enter answers every request that does not come from a verified caller, and reports whether it is from one.
func (g *Guard) enter(w http.ResponseWriter, r *http.Request) (Identity, bool) {
	no := g.checkHost(r)
	if no == nil {
		no = g.checkOrigin(w, r)
	}
	if no == nil && answerPreflight(w, r) {
		return Identity{}, false
	}
	var id Identity
	if no == nil {
		id, no = g.authenticate(r)
	}
	if no == nil && g.throttle != nil {
		no = tooMany(g.throttle(id))
	}
	if no != nil {
		g.refuseUnread(w, r, no)
	}
	return id, no == nil
}

// withCaller is the request as the next handler may see it.
func withCaller(r *http.Request, id Identity) *http.Request {
	r = r.WithContext(withIdentity(r.Context(), id))
	r.Header = r.Header.Clone()
	r.Header.Del("Authorization")
	return r
}

func pass(w http.ResponseWriter, r *http.Request, next http.Handler, id json.RawMessage) {
	answer := &textAnswers{ResponseWriter: w, id: id}
	next.ServeHTTP(answer, r)
	answer.finish()
}

func (g *Guard) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	id, entered := g.enter(w, r)
	if !entered {
		return
	}
	if r.Method != http.MethodPost {
		g.refuseUnread(w, r, &refusal{status: http.StatusMethodNotAllowed, code: codeRefused, allow: http.MethodPost,
			message: "want POST, got another method"})
		return
	}
	if no := checkContent(r); no != nil {
		g.refuseUnread(w, r, no)
		return
	}
	body, no := readBody(w, r)
	if no != nil {
		g.refuse(w, r, findID(body), no)
		return
	}
	m, no := parseMessage(body)
	if no == nil {
		no = checkAgreement(r.Header, m, g.headerless)
	}
	if no == nil && !m.isResponse && g.authorize != nil {
		no = g.forbid(g.authorize(r.Context(), id, m.call))
	}
	if no != nil {
		g.refuse(w, r, findID(body), no)
		return
	}
	r = withCaller(r, id)
	if _, present := r.Header["Mcp-Name"]; present && m.name != "" {
		r.Header.Set("Mcp-Name", m.name) // without its encoding, which not every handler undoes
	}
	r.Body, r.ContentLength, r.TransferEncoding = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
	pass(w, r, next, m.call.ID)
}

// authenticate turns the request's credentials into an identity or the refusal of RFC 6750 section 3.1.
func (g *Guard) authenticate(r *http.Request) (Identity, *refusal) {
	token, malformed := bearerToken(r)
	if malformed != "" {
		return Identity{}, &refusal{status: http.StatusBadRequest, code: codeRefused, message: malformed,
			challenge: &challenge{err: "invalid_request", description: malformed}}
	}
	if token == "" {
		return Identity{}, &refusal{status: http.StatusUnauthorized, code: codeRefused,
			message: "this server wants a bearer token", challenge: &challenge{scopes: g.scopes}}
	}
	id, err := g.Verify(r.Context(), token)
	if err == nil {
		return id, nil
	}
	var bad *TokenError
	if errors.As(err, &bad) {
		return Identity{}, &refusal{status: http.StatusUnauthorized, code: codeRefused, message: describable(bad.Description),
			challenge: &challenge{err: "invalid_token", description: bad.Description, scopes: g.scopes}}
	}
	return Identity{}, &refusal{status: http.StatusServiceUnavailable, code: codeRefused, retryAfter: retryIssuer,
		message: "the token cannot be judged now: its issuer cannot be asked, try again"}
}

// tooMany is 429 of RFC 6585 section 4.
func tooMany(wait time.Duration) *refusal {
	if wait <= 0 {
		return nil
	}
	return &refusal{status: http.StatusTooManyRequests, code: codeRefused, retryAfter: wait,
		message: "too many requests of this user, try again after the time in Retry-After"}
}

func (g *Guard) forbid(denial *Denial) *refusal {
	if denial == nil {
		return nil
	}
	scopes := g.settings.asked(denial.Scopes)
	text := denial.Description
	if text == "" {
		text = "this operation needs: " + strings.Join(scopes, " ")
	}
	return &refusal{status: http.StatusForbidden, code: codeRefused, message: text,
		challenge: &challenge{err: "insufficient_scope", description: text, scopes: scopes}}
}

func checkContent(r *http.Request) *refusal {
	mediaType, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset, named := parameters["charset"]; err != nil || mediaType != "application/json" || named && !strings.EqualFold(charset, "utf-8") {
		return &refusal{status: http.StatusUnsupportedMediaType, code: codeRefused, message: "Content-Type: want application/json, in UTF-8"}
	}
	if r.Header.Get("Content-Encoding") != "" {
		return &refusal{status: http.StatusUnsupportedMediaType, code: codeRefused, message: "Content-Encoding: want none"}
	}
	if r.ContentLength > maxBody {
		return tooLarge()
	}
	return nil
}

// readBody reads the whole body. With a refusal comes as much of it as was read.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, *refusal) {
	rc := http.NewResponseController(w)
	bounded := rc.SetReadDeadline(time.Now().Add(timeForBody)) == nil
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var limit *http.MaxBytesError
	switch {
	case err == nil:
		if bounded { // otherwise it stays: see refuseUnread
			_ = rc.SetReadDeadline(time.Time{})
		}
		return body, nil
	case errors.As(err, &limit):
		return body, tooLarge()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return body, &refusal{status: http.StatusRequestTimeout, code: codeRefused,
			message: fmt.Sprintf("the body took longer than %s", timeForBody)}
	}
	return body, badBody(codeParse, "the body ended early")
}

func tooLarge() *refusal {
	return &refusal{status: http.StatusRequestEntityTooLarge, code: codeRefused,
		message: fmt.Sprintf("the body is larger than %d bytes", maxBody)}
}
