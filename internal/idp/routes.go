package idp

import (
	"net/http"
	"slices"
	"strings"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/personality"
)

// endpoint is one path and what answers there.
type endpoint struct {
	path                   string // below the host, the issuer's path included
	get, post, put, remove http.HandlerFunc
	scripts                scripts
	program                bool // it is for programs, not for people
}

func (s *Server) endpoints() []endpoint {
	paths := s.Personality.Paths
	sameOrigin := s.sameOrigin
	all := []endpoint{
		{path: s.basePath + paths.Authorize, get: s.authorize, post: s.authorize},
		{path: s.pagePath(paths.Login), get: s.loginPage, post: sameOrigin(s.login)},
		s.consentEndpoint(),
		{path: s.basePath + paths.Token, post: s.token, scripts: calledByScripts, program: true},
		{path: s.basePath + paths.JWKS, get: s.jwks, scripts: readByScripts, program: true},
		{path: s.basePath + servedDocuments + "{document}", get: s.serveDocument, scripts: readByScripts},
		{path: s.path + "/healthz", get: s.health},
		{path: s.path + "/{$}", get: s.home},
	}
	for _, e := range []endpoint{
		{path: paths.UserInfo, get: s.userinfo, post: s.userinfo, scripts: calledByScripts},
		{path: paths.Register, post: s.register, scripts: readByScripts},
		{path: paths.Introspect, post: s.introspect}, // not for scripts: only confidential clients may ask
		{path: paths.Revoke, post: s.revoke, scripts: calledByScripts},
		{path: paths.Push, post: s.push, scripts: calledByScripts},
		{path: paths.Logout, get: s.logout, post: s.logout},
	} {
		if e.path != "" { // the personality has it
			e.path, e.program = s.basePath+e.path, true
			all = append(all, e)
		}
	}
	for path, said := range s.Personality.ClosedEndpoints {
		all = append(all, endpoint{path: s.basePath + path, post: s.closed(said), program: true})
	}
	if paths.Register != "" {
		all = append(all, endpoint{path: s.basePath + paths.Register + "/{client}", get: s.readClient, put: s.updateClient, remove: s.deleteClient, scripts: readByScripts, program: true})
	}
	if s.path != "" {
		all = append(all, endpoint{path: s.path, get: s.home})
	}
	if paths.ConsentPage != "" {
		all = append(all, endpoint{path: s.pagePath(paths.ConsentPage), get: s.consentPage})
	}
	switch {
	case s.Personality.Logout.ByPage:
		all = append(all, endpoint{path: s.basePath + paths.LogoutConfirm, post: s.confirmByPage}, endpoint{path: s.basePath + paths.LogoutDone, get: s.loggedOut})
	case paths.LogoutConfirm != "":
		all = append(all, endpoint{path: s.basePath + paths.LogoutConfirm, post: s.sameOrigin(s.confirmNamed)})
	}
	if paths.CookieCheck != "" {
		all = append(all, endpoint{path: s.basePath + paths.CookieCheck, get: s.cookieCheck})
	}
	if paths.Restart != "" {
		all = append(all, endpoint{path: s.pagePath(paths.Restart), get: s.restartLogin})
	}
	if s.Personality.Login == personality.LoginAPI {
		all = append(all, s.interactionEndpoints()...)
	}
	for _, place := range s.documentPlaces() {
		all = append(all, endpoint{path: place, get: s.discovery, scripts: readByScripts})
		if s.Personality.Documents.SlashToo {
			all = append(all, endpoint{path: place + "/{$}", get: s.discovery, scripts: readByScripts})
		}
	}
	if s.Personality.Routes.SlashToo {
		for _, e := range all {
			if e.program || e.path == s.basePath+paths.Authorize {
				e.path += "/{$}"
				all = append(all, e)
			}
		}
	}
	return all
}

func (s *Server) consentEndpoint() endpoint {
	e := endpoint{path: s.pagePath(s.Personality.Paths.Consent), post: s.sameOrigin(s.consent)}
	if s.Personality.Paths.ConsentPage == "" {
		e.get = s.consentPage
	}
	return e
}

// pagePath is where a page, or what its script calls, is below the host.
func (s *Server) pagePath(path string) string { return strings.TrimPrefix(s.pageAt(path), s.origin) }

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for _, e := range s.endpoints() {
		mux.HandleFunc(e.path, func(w http.ResponseWriter, r *http.Request) { s.serve(e, w, r) })
	}
	mux.HandleFunc("/", s.notFound)
	return s.logged(s.plainPaths(mux))
}

const (
	oauthDocument = "/.well-known/oauth-authorization-server" // RFC 8414 §3
	oidcDocument  = "/.well-known/openid-configuration"       // OpenID Connect Discovery §4
)

// documentPlaces lists where the personality serves metadata, each place once.
func (s *Server) documentPlaces() []string {
	d := s.Personality.Documents
	var places []string
	for _, p := range []struct {
		on    bool
		place string
	}{
		{d.OAuthInserted, oauthDocument + s.path}, {d.OAuthAppended, s.path + oauthDocument},
		{d.OIDCInserted, oidcDocument + s.path}, {d.OIDCAppended, s.path + oidcDocument},
	} {
		if p.on && !slices.Contains(places, p.place) {
			places = append(places, p.place)
		}
	}
	return places
}

// handler is what answers a method; nil: nothing does.
func (e endpoint) handler(method string) http.HandlerFunc {
	switch method {
	case http.MethodGet, http.MethodHead:
		return e.get
	case http.MethodPost:
		return e.post
	case http.MethodPut:
		return e.put
	case http.MethodDelete:
		return e.remove
	}
	return nil
}

// allowed lists the methods that something answers, for Allow and preflights.
func (e endpoint) allowed() string {
	methods := []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete}
	return strings.Join(slices.DeleteFunc(methods, func(method string) bool { return e.handler(method) == nil }), ", ")
}

// among reports whether an endpoint's path is one of the personality's list.
func (s *Server) among(e endpoint, paths []string) bool {
	return slices.ContainsFunc(paths, func(path string) bool { return e.path == s.basePath+path })
}

// serve picks the method, and answers preflights where scripts may call.
func (s *Server) serve(e endpoint, w http.ResponseWriter, r *http.Request) {
	s.allowScripts(e, w, r)
	handler := e.handler(r.Method)
	switch rules := s.Personality.Routes; {
	case handler != nil:
		handler(w, r)
	case r.Method == http.MethodOptions && (e.scripts != noScripts || rules.AnswersOptions || rules.NoPages && s.forScripts(e)):
		s.preflight(e, w, r)
	case s.among(e, rules.HiddenByMethod):
		s.hideFromScripts(w)
		s.notFound(w, r)
	default:
		w.Header().Set("Allow", e.allowed())
		s.noRoute(w, r, personality.NoMethod, engine.NewError("invalid_request", r.Method+" is not allowed here; want "+e.allowed()), http.StatusMethodNotAllowed)
	}
}
