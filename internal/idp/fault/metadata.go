package fault

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	oauthDocument = "/.well-known/oauth-authorization-server" // RFC 8414 §3
	oidcDocument  = "/.well-known/openid-configuration"       // OpenID Connect Discovery §4
)

// path is the issuer's, without a slash at the end.
func (s Site) path() string {
	u, err := url.Parse(s.Issuer)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(u.Path, "/")
}

func inserted(document, path string) string { return document + path }
func appended(document, path string) string { return path + document }

// places are all where clients look for metadata.
func (s Site) places() []string {
	var places []string
	for _, document := range []string{oauthDocument, oidcDocument} {
		places = append(places, inserted(document, s.path()), appended(document, s.path()))
	}
	return places
}

func (s Site) isPlace(r *http.Request) bool {
	return slices.Contains(s.places(), strings.TrimSuffix(r.URL.Path, "/"))
}

// editing changes every document.
func editing(s Site, server http.Handler, change func(members map[string]json.RawMessage)) http.Handler {
	return changing(server, s.isPlace, func(_ *http.Request, answer *kept) {
		if answer.status == http.StatusOK {
			answer.edit(change)
		}
	})
}

func naming(s Site, server http.Handler, issuer string) http.Handler {
	encoded, err := json.Marshal(issuer)
	if err != nil {
		panic(err) // a string
	}
	return editing(s, server, func(members map[string]json.RawMessage) { members["issuer"] = encoded })
}

func slashedIssuer(s Site, server http.Handler) http.Handler {
	if plain, has := strings.CutSuffix(s.Issuer, "/"); has {
		return naming(s, server, plain)
	}
	return naming(s, server, s.Issuer+"/")
}

// elsewhere is the issuer as a server calls itself that does not know its public name.
func (s Site) elsewhere() string { return "http://internal.idp.example:8080" + s.path() }

func issuerElsewhere(s Site, server http.Handler) http.Handler {
	return naming(s, server, s.elsewhere())
}

func pkceUnadvertised(s Site, server http.Handler) http.Handler {
	return editing(s, server, func(members map[string]json.RawMessage) { delete(members, "code_challenge_methods_supported") })
}

// onlyAt leaves one place. The document there is the server's own, also where the server has it at other places only.
func onlyAt(document string, place func(document, path string) string) func(Site, http.Handler) http.Handler {
	return func(s Site, server http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case !s.isPlace(r):
				server.ServeHTTP(w, r)
			case r.URL.Path == place(document, s.path()):
				s.anyDocument(server, r).send(w)
			default:
				http.NotFound(w, r)
			}
		})
	}
}

// anyDocument is the answer of the first place that has one.
func (s Site) anyDocument(server http.Handler, r *http.Request) (answer *kept) {
	for _, place := range s.places() {
		asked := r.Clone(r.Context())
		asked.URL.Path, asked.URL.RawPath = place, ""
		if answer = answerOf(server, asked); answer.status < http.StatusBadRequest {
			break
		}
	}
	return answer
}

// pageForMissing is a single-page application that is served for whatever the server does not have.
func pageForMissing(s Site, server http.Handler) http.Handler {
	return changing(server, s.isPlace, func(_ *http.Request, answer *kept) {
		if answer.status != http.StatusNotFound {
			return
		}
		answer.status = http.StatusOK
		answer.header.Set("Content-Type", "text/html; charset=utf-8")
		answer.body.Reset()
		answer.body.WriteString(`<!doctype html><html lang="en"><title>Sign in</title><div id="app"></div></html>`)
	})
}

func noCORS(_ Site, server http.Handler) http.Handler {
	return changing(server, func(*http.Request) bool { return true }, func(r *http.Request, answer *kept) {
		for name := range answer.header {
			if strings.HasPrefix(name, "Access-Control-") {
				answer.header.Del(name)
			}
		}
		if r.Method == http.MethodOptions {
			answer.status = http.StatusMethodNotAllowed
		}
	})
}
