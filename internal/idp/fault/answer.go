package fault

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
)

// mixedUpIssuer is the issuer that iss-wrong claims to be.
const mixedUpIssuer = "https://another-idp.example"

// reissuing changes iss in each redirect that carries an authorization answer to a client. Answers that travel in a form keep it.
func reissuing(s Site, server http.Handler, iss []string) http.Handler {
	return changing(server, func(*http.Request) bool { return true }, func(_ *http.Request, answer *kept) {
		to, err := url.Parse(answer.header.Get("Location"))
		if err != nil || strings.HasPrefix(to.String(), s.origin()+"/") {
			return
		}
		query := to.Query()
		if !query.Has("code") && !query.Has("error") {
			return
		}
		if query["iss"] = iss; iss == nil {
			query.Del("iss")
		}
		to.RawQuery = query.Encode()
		answer.header.Set("Location", to.String())
	})
}

// redirectExact refuses what RFC 8252 §7.3 lets native apps do. A client that is not known is left to the server.
func redirectExact(s Site, server http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		form := r.URL.Query()
		if r.URL.Path == s.Authorize && r.Method == http.MethodPost {
			form, _ = url.ParseQuery(string(peek(r)))
		}
		registered := s.Redirects(form.Get("client_id"))
		if r.URL.Path != s.Authorize || registered == nil || !form.Has("redirect_uri") || slices.Contains(registered, form.Get("redirect_uri")) {
			server.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`<!doctype html><html lang="en"><title>Error 400: redirect_uri_mismatch</title><h1>Error 400: redirect_uri_mismatch</h1>
<p>The redirect URI in the request does not match the ones registered for this client.</p></html>`))
	})
}

func (s Site) origin() string {
	u, err := url.Parse(s.Issuer)
	if err != nil {
		return s.Issuer
	}
	return u.Scheme + "://" + u.Host
}

func issMissing(s Site, server http.Handler) http.Handler { return reissuing(s, server, nil) }

func issWrong(s Site, server http.Handler) http.Handler {
	return reissuing(s, server, []string{mixedUpIssuer})
}

func (s Site) isTokenRequest(r *http.Request) bool {
	return r.URL.Path == s.Token && r.Method == http.MethodPost
}

func noRefreshToken(s Site, server http.Handler) http.Handler {
	return changing(server, s.isTokenRequest, func(_ *http.Request, answer *kept) {
		answer.edit(func(members map[string]json.RawMessage) { delete(members, "refresh_token") })
	})
}

// refreshAnswerLost is a network that fails at the worst moment, once in a server's life.
func refreshAnswerLost(s Site, server http.Handler) http.Handler {
	var lost atomic.Bool
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.isTokenRequest(r) {
			server.ServeHTTP(w, r)
			return
		}
		form, _ := url.ParseQuery(string(peek(r)))
		answer := answerOf(server, r)
		if form.Get("grant_type") == "refresh_token" && answer.status == http.StatusOK && lost.CompareAndSwap(false, true) {
			panic(http.ErrAbortHandler) // net/http ends the connection
		}
		answer.send(w)
	})
}

func unknownClientUnclear(s Site, server http.Handler) http.Handler {
	return changing(server, s.isTokenRequest, func(_ *http.Request, answer *kept) {
		var failed struct {
			Error string `json:"error"`
		}
		if json.Unmarshal(answer.body.Bytes(), &failed) != nil || failed.Error != "invalid_client" {
			return
		}
		answer.status = http.StatusUnprocessableEntity
		answer.header.Del("WWW-Authenticate")
		answer.body.Reset()
		answer.body.WriteString(`{"code":422,"error_code":"oauth_client_not_found","msg":"OAuth client not found"}`)
	})
}
