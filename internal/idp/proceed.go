package idp

import (
	"net/http"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/store"
)

// proceed takes a checked authorization request to where it can be answered: to the login page, or at once.
func (s *Server) proceed(w http.ResponseWriter, r *http.Request, request store.Transaction, prompt string) {
	if person, ok := s.hinted(request.LoginHint); ok && s.AutoLogin {
		request.Username = person.Username
		s.allow(w, r, request)
		return
	}
	if prompt == "none" {
		s.redirectError(w, r, request, engine.NewError("login_required", "nobody is signed in: this server keeps no session, so prompt=none never succeeds; start the server with --auto-login and send login_hint to sign in without a page"))
		return
	}
	request = s.Store.Begin(request, s.browser(w, r))
	noStore(w)
	http.Redirect(w, r, s.pageURL(s.Personality.Paths.Login, request.ID), http.StatusSeeOther)
}
