package idp

import (
	"net/http"

	"mcpharness/internal/idp/store"
)

// sessionCookie holds the secret of a session. It is another cookie than the one that names a browser, and comes with every
// sign-in anew, so that nobody can plant one beforehand.
const sessionCookie = "mock_idp_session"

// session is who is signed in at the browser of a request. Nobody is where the server keeps no sessions.
func (s *Server) session(r *http.Request) (store.Session, bool) {
	c, err := r.Cookie(sessionCookie)
	if err != nil || !s.Sessions {
		return store.Session{}, false
	}
	return s.Store.Session(c.Value)
}

// startSession keeps somebody signed in at this browser, instead of whoever was.
func (s *Server) startSession(w http.ResponseWriter, r *http.Request, username string) store.Session {
	if !s.Sessions {
		return store.Session{}
	}
	if c, err := r.Cookie(sessionCookie); err == nil {
		if before, ok := s.Store.Session(c.Value); ok && s.Personality.Session.Binds && before.Username == username {
			// The same person signs in once more: what clients hold of the session stays good.
			if again, ok := s.Store.SignedInAgain(c.Value); ok {
				return again
			}
		}
		s.Store.CloseSession(c.Value)
	}
	session, secret := s.Store.Open(username)
	http.SetCookie(w, s.cookie(sessionCookie, secret))
	return session
}

// endSession signs the browser's person out.
func (s *Server) endSession(w http.ResponseWriter, r *http.Request) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return
	}
	s.Store.CloseSession(c.Value)
	gone := s.cookie(sessionCookie, "")
	gone.MaxAge = -1
	http.SetCookie(w, gone)
}

// cookie is for this issuer's pages only, and comes along where a person follows a link to them.
func (s *Server) cookie(name, value string) *http.Cookie {
	path := s.basePath + "/"
	if s.Personality.PagesFromHost {
		path = "/"
	}
	return &http.Cookie{
		Name: name, Value: value, Path: path,
		HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode,
	}
}
