package idp

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/pages"
	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

const (
	pushedPrefix  = "urn:ietf:params:oauth:request_uri:" // RFC 9126 §2.2
	pushedSeconds = 90                                   // from the push until the browser comes, not until its person is done
	maxRemembered = 16 << 10                             // bytes; what is remembered is bounded more tightly than what is only read
)

// push takes an authorization request ahead of its browser (RFC 9126): the client authenticates, every parameter is checked now, and
// the browser brings only a name of the request, which is good once.
func (s *Server) push(w http.ResponseWriter, r *http.Request) {
	var client *store.Client
	refusal := s.readForm(w, r)
	if refusal == nil {
		client, refusal = s.engine.Authenticate(r) // what is repeated is for checkPush
	}
	if refusal == nil {
		refusal = s.engine.OwnOrigin(client, r)
	}
	var form url.Values
	if refusal == nil {
		form, refusal = s.checkPush(r.Context(), r.PostForm)
	}
	if refusal != nil {
		s.writeErrorAt(w, r, personality.AtPush, refusal)
		return
	}
	form = maps.Clone(form)
	for _, credential := range []string{"client_secret", "client_assertion", "client_assertion_type"} {
		delete(form, credential)
	}
	name := s.Store.Push(client.ID, form, s.pushedLifetime())
	s.Logger.InfoContext(r.Context(), "took a pushed authorization request", "client_id", client.ID)
	noStore(w)
	writeJSON(w, http.StatusCreated, struct {
		RequestURI string `json:"request_uri"`
		ExpiresIn  int64  `json:"expires_in"` // seconds
	}{pushedPrefix + name, int64(s.pushedLifetime() / time.Second)})
}

func (s *Server) pushedLifetime() time.Duration {
	return time.Duration(cmp.Or(s.Personality.Push.Seconds, pushedSeconds)) * time.Second
}

// checkPush judges a request as the authorization endpoint will (RFC 9126 §2.1), and returns what of it is to be remembered. Nobody is
// redirected, so all errors are told here.
func (s *Server) checkPush(ctx context.Context, form url.Values) (url.Values, *engine.Error) {
	size := 0
	for name, values := range form {
		size += len(name) + len(strings.Join(values, ""))
	}
	switch {
	case size > maxRemembered:
		return nil, tooLongToRemember(http.StatusRequestEntityTooLarge)
	case form.Has("request_uri"):
		return nil, engine.NewFault(personality.PushedName, "", "invalid_request", "request_uri must not be in a pushed request (RFC 9126 section 2.1)")
	case !form.Has("client_id"):
		return nil, engine.NewError("invalid_request", "client_id is missing; as a parameter of the authorization request it must be there beside the client's credentials (RFC 9126 section 2.1)")
	}
	judged := asked{form: form, pushed: true, pushing: true}
	if s.Personality.Push.ResourceLater {
		judged.form = maps.Clone(form)
		delete(judged.form, "resource")
	}
	if o := s.check(ctx, &judged); o != nil {
		return nil, o.Error
	}
	if judged.object != nil {
		form = maps.Clone(judged.object)
		form.Set("client_id", judged.client.ID)
	}
	return form, nil
}

// isPushed reports whether an authorization request only names one that was pushed.
func isPushed(form url.Values) bool { return strings.HasPrefix(form.Get("request_uri"), pushedPrefix) }

// unpushed is the request that was pushed. Whatever else is in the browser's request does not count (RFC 9101 §6.3). It is good for one
// time, or until it gets a code; then its name is told.
func (s *Server) unpushed(form url.Values) (full url.Values, name string, _ *pages.Problem) {
	if len(form["request_uri"]) == 1 && len(form["client_id"]) == 1 {
		name := strings.TrimPrefix(form.Get("request_uri"), pushedPrefix)
		full, ok := s.Store.Pushed(name, form.Get("client_id"))
		switch {
		case ok && s.Personality.Push.UntilAnswered:
			return full, name, nil
		case ok && s.Store.DropPushed(name):
			return full, "", nil
		}
	}
	return nil, "", &pages.Problem{
		Status: http.StatusBadRequest, Title: "This pushed request is not there",
		Wrong:    "The request_uri names no authorization request that waits: it was opened before, is older than " + fmt.Sprintf("%.0f seconds", s.pushedLifetime().Seconds()) + ", belongs to another client_id, or the server was restarted.",
		Expected: "One client_id and one request_uri, as " + s.url(s.Personality.Paths.Push) + " answered a moment ago (RFC 9126 section 4).",
		Change:   "Let the client push the request again, and open the browser at once.",
		Details:  []pages.Detail{{Name: "client_id", Value: strings.Join(form["client_id"], " ")}},
	}
}
