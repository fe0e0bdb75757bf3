package engine

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// GrantPassword is the grant type by which a client sends a person's password (RFC 6749 §4.3). OAuth 2.1 has it no more: it is for the
// clients of a realm file that says so.
const GrantPassword = "password"

// byPassword signs the person of a request in, and makes it one with a code for what the client asked for: the rest is as with any code.
func (e *Engine) byPassword(ctx context.Context, r *http.Request, c *store.Client) (*http.Request, *store.Client, *Error) {
	form := r.PostForm
	switch {
	case c.Foreign():
		return nil, nil, NewFault(personality.PasswordUnasked, "", "unauthorized_client", "people are asked before this client gets a token, and with grant_type=password nobody can be asked")
	case !form.Has("username"):
		return nil, nil, NewFault(personality.UsernameMissing, "username", "invalid_request", "username is missing (RFC 6749 section 4.3.2)")
	}
	scopes, refusal := e.askClientScopes(c, form)
	if refusal != nil {
		return nil, nil, refusal
	}
	person, known := e.typed(form.Get("username"))
	switch {
	case !known || !person.PasswordIs(form.Get("password")):
		return nil, nil, NewFault(personality.WrongPassword, "", "invalid_grant", "user name or password is wrong")
	case person.Disabled:
		return nil, nil, NewFault(personality.PersonDisabled, "", "invalid_grant", "this person is disabled")
	}
	session, _ := e.Store.Open(person.Username) // no browser has its secret
	scopes, _ = e.May(scopes, person)
	grant := store.Grant{ClientID: c.ID, Username: person.Username, Scopes: scopes, SessionID: session.ID, Outlives: slices.Contains(scopes, offlineAccess)}
	grant.Bound = e.Personality.Session.Binds && (!grant.Outlives || e.Personality.Session.BindsOffline)
	code, err := e.IssueCode(ctx, grant)
	if err != nil {
		return nil, nil, &Error{Code: "server_error", Description: "issuing tokens failed", Status: http.StatusInternalServerError, Cause: err}
	}
	passed, allowed := *r, *c
	passed.PostForm = url.Values{"grant_type": {GrantCode}, "code": {code}}
	passed.Form = passed.PostForm
	allowed.GrantTypes = append(slices.Clone(c.GrantTypes), GrantCode)
	return &passed, &allowed, nil
}

// typed finds a person by user name or email address.
func (e *Engine) typed(name string) (store.Person, bool) {
	for _, person := range e.Store.People() {
		if strings.EqualFold(name, person.Username) || person.Email != "" && strings.EqualFold(name, person.Email) {
			return person, true
		}
	}
	return store.Person{}, false
}
