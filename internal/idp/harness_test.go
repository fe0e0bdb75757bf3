package idp_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

const (
	// The example of RFC 7636 appendix B.
	verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

	callback = "http://127.0.0.1:6274/oauth/callback"
	todos    = "http://localhost:3001/mcp"
	remote   = "https://todo.mcp-server.app"
)

// q changes the parameters of a request: nil takes one out.
type q = map[string][]string

func one(value string) []string { return []string{value} }

func with(base url.Values, changes q) url.Values {
	changed := url.Values{}
	for name, values := range base {
		changed[name] = values
	}
	for name, values := range changes {
		if changed[name] = values; values == nil {
			delete(changed, name)
		}
	}
	return changed
}

// asking is a good authorization request of the pre-registered inspector.
func asking(changes q) url.Values {
	return with(url.Values{
		"client_id": {"mcp-inspector"}, "redirect_uri": {callback}, "response_type": {"code"}, "state": {"a-state"},
		"code_challenge": {challenge}, "code_challenge_method": {"S256"}, "resource": {todos},
	}, changes)
}

// redeeming is the token request that goes with asking.
func redeeming(code string, changes q) url.Values {
	return with(url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"mcp-inspector"}, "code": {code},
		"code_verifier": {verifier}, "redirect_uri": {callback},
	}, changes)
}

func refreshing(token any, changes q) url.Values {
	return with(url.Values{"grant_type": {"refresh_token"}, "client_id": {"mcp-inspector"}, "refresh_token": {token.(string)}}, changes)
}

type answer struct {
	status int
	header http.Header
	body   string
	json   map[string]any // nil where the body is no JSON object
}

// location is where the answer redirects to.
func (a answer) location(t testing.TB) *url.URL {
	t.Helper()
	require.Equal(t, http.StatusSeeOther, a.status, a.body)
	u, err := url.Parse(a.header.Get("Location"))
	require.NoError(t, err)
	return u
}

type server struct {
	*mockidp.Server
	t testing.TB
}

func start(t testing.TB, options mockidp.Options) server {
	t.Helper()
	return server{mockidp.New(t, options), t}
}

// behindProxy starts a server whose issuer is not where it listens, and returns where that is.
func behindProxy(t testing.TB, issuer string) (s server, address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	idp, err := mockidp.Start(mockidp.Options{Issuer: issuer}, l)
	require.NoError(t, err)
	t.Cleanup(idp.Close)
	return server{idp, t}, "http://" + l.Addr().String()
}

// configured starts a server whose configuration is the built-in one after a change.
func configured(t testing.TB, change func(*mockidp.Config)) server {
	t.Helper()
	config := mockidp.DefaultConfig()
	change(&config)
	return start(t, mockidp.Options{Config: &config})
}

// send makes a request without cookies and without following redirects. Header is name, value, name, value.
func (s server) send(method, target, body string, header ...string) answer {
	s.t.Helper()
	return s.through(s.Client(), method, target, body, header...)
}

func (s server) through(client *http.Client, method, target, body string, header ...string) answer {
	s.t.Helper()
	if !strings.Contains(target, "://") {
		target = s.Issuer() + target
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, target, strings.NewReader(body))
	require.NoError(s.t, err)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	still := *client
	still.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := still.Do(r)
	require.NoError(s.t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	require.NoError(s.t, err)
	a := answer{status: res.StatusCode, header: res.Header, body: string(raw)}
	_ = json.Unmarshal(raw, &a.json)
	return a
}

func (s server) get(target string, header ...string) answer {
	s.t.Helper()
	return s.send("GET", target, "", header...)
}

// form posts parameters.
func (s server) form(target string, form url.Values, header ...string) answer {
	s.t.Helper()
	return s.send("POST", target, form.Encode(), append(header, "Content-Type", "application/x-www-form-urlencoded")...)
}

func (s server) token(form url.Values, header ...string) answer {
	s.t.Helper()
	return s.form("/token", form, header...)
}

// issued is a token request that must succeed.
func (s server) issued(form url.Values, header ...string) map[string]any {
	s.t.Helper()
	a := s.token(form, header...)
	require.Equal(s.t, 200, a.status, a.body)
	return a.json
}

func (s server) refused(status int, code string, form url.Values, header ...string) string {
	s.t.Helper()
	a := s.token(form, header...)
	return a.isError(s.t, status, code)
}

// isError checks an OAuth error as JSON (RFC 6749 §5.2) and returns its description.
func (a answer) isError(t testing.TB, status int, code string) string {
	t.Helper()
	require.Equal(t, status, a.status, a.body)
	require.Equal(t, code, a.json["error"], a.body)
	require.Equal(t, "application/json", a.header.Get("Content-Type"))
	description, _ := a.json["error_description"].(string)
	requireDescription(t, description)
	return description
}

// RFC 6749 §5.2 and §4.1.2.1: error_description is %x20-21 / %x23-5B / %x5D-7E.
var allowedInDescription = regexp.MustCompile(`^[\x20-\x21\x23-\x5B\x5D-\x7E]+$`)

func requireDescription(t testing.TB, description string) {
	t.Helper()
	require.Regexp(t, allowedInDescription, description)
	require.Less(t, len(description), 1200, "a description is for reading")
}

func basic(id, secret string) []string {
	return []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id)+":"+url.QueryEscape(secret)))}
}

// claims reads a token without a check of its signature.
func claims(t testing.TB, token any) (header, payload map[string]any) {
	t.Helper()
	require.IsType(t, "", token)
	parts := strings.Split(token.(string), ".")
	require.Len(t, parts, 3)
	for i, into := range []*map[string]any{&header, &payload} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		require.NoError(t, err)
		require.NoError(t, json.NewDecoder(bytes.NewReader(raw)).Decode(into))
	}
	return header, payload
}

// lockedBuffer collects log lines of concurrent requests.
type lockedBuffer struct {
	ch chan []byte
}

func logTo(t testing.TB, level slog.Level) (*slog.Logger, func() string) {
	t.Helper()
	b := &lockedBuffer{make(chan []byte, 1)}
	b.ch <- nil
	return slog.New(slog.NewJSONHandler(b, &slog.HandlerOptions{Level: level})), func() string {
		all := <-b.ch
		b.ch <- all
		return string(all)
	}
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.ch <- append(<-b.ch, p...)
	return len(p), nil
}
