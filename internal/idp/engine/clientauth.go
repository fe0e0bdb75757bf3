package engine

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"github.com/ory/fosite"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// Client authenticates the client of a request whose form is parsed (RFC 6749 §2.3, RFC 7591 §2 for the methods). A refusal changes
// nothing: x/oauth2 tries Basic first, and then the same code again with the credentials in the body.
func (e *Engine) Client(r *http.Request) (*store.Client, *Error) {
	c, refusal := e.Authenticate(r)
	if refusal == nil && e.Personality.Forms.RepeatedLast {
		refusal = e.Repeated(r.PostForm)
	}
	return c, refusal
}

// Authenticate is the part of Client that is about the client alone. Each uses the one method it is registered for, unless the
// personality is not that particular.
func (e *Engine) Authenticate(r *http.Request) (*store.Client, *Error) {
	rules := e.Personality.ClientAuth
	if r.PostForm.Has("client_assertion") || r.PostForm.Has("client_assertion_type") {
		if c, refusal := e.byAssertion(r); refusal == nil || refusal.Fault != 0 || !rules.FormFirst {
			return c, refusal
		} // else it says nothing, as a header that cannot be read
	}
	find := credentials
	if rules.FormFirst {
		find = formFirst
	}
	id, secret, method, err := find(r)
	if err == nil && rules.NoEmptySecret && method == store.AuthBasic && secret == "" {
		err = NewFault(personality.HeaderSecretMissing, "", "invalid_request", "the Authorization header has no secret in it")
	}
	if err != nil {
		return nil, err
	}
	c, err := e.FindClient(r.Context(), id)
	if err != nil {
		return nil, err
	}
	if rules.BeforeGrant { // and before its secret
		if foreign := e.OwnOrigin(c, r); foreign != nil {
			return nil, foreign
		}
	}
	either := rules.EitherSecret && (!c.Registered || c.AnySecret) && c.UsesSecret()
	switch {
	case c.Public() && secret != "" && !rules.IgnoresSurplus:
		return nil, NewFault(personality.WrongMethod, c.AuthMethod, "invalid_client", "this client is public (token_endpoint_auth_method none) and has no secret; send client_id alone")
	case c.Public():
		return c, nil // also Basic with an empty password, which go-sdk and x/oauth2 send for public clients
	case c.AuthMethod == store.AuthKey && method == store.AuthNone:
		return nil, NewFault(personality.AssertionMissing, "", "invalid_client", "this client must authenticate with "+c.AuthMethod)
	case method == store.AuthNone:
		return nil, NewFault(personality.WrongSecret, "", "invalid_client", "this client must authenticate with "+c.AuthMethod)
	case method != c.AuthMethod && !either:
		return nil, NewFault(personality.WrongMethod, c.AuthMethod, "invalid_client", "this client is registered for "+c.AuthMethod+", but used "+method)
	case !c.SecretIs(secret):
		return nil, NewFault(personality.WrongSecret, "", "invalid_client", "the client secret is wrong")
	}
	return c, nil
}

// formFirst takes the credentials of the form, and of a header only what the form does not say.
func formFirst(r *http.Request) (id, secret, method string, _ *Error) {
	form := r.PostForm
	id, secret, method = form.Get("client_id"), form.Get("client_secret"), store.AuthNone
	user, password, fault := basic(r.Header.Get("Authorization"))
	inHeader := fault == 0
	switch {
	case fault == personality.HeaderEscape:
		return "", "", "", malformedHeader(fault)
	case form.Has("client_secret"):
		method = store.AuthPost
	case inHeader:
		secret, method = password, store.AuthBasic
	}
	if inHeader && !form.Has("client_id") {
		id = user
	}
	if id == "" {
		return "", "", "", NewFault(personality.ClientNotNamed, "", "invalid_client", "no client_id, neither in the body nor in the Authorization header")
	}
	return id, secret, method, nil
}

// credentials finds the one place where the request holds them.
func credentials(r *http.Request) (id, secret, method string, _ *Error) {
	id, secret, method = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret"), store.AuthNone
	if secret != "" {
		method = store.AuthPost
	}
	headers := r.Header.Values("Authorization")
	if len(headers) == 0 {
		if id == "" {
			return "", "", "", NewFault(personality.ClientNotNamed, "", "invalid_client", "no client_id; send it in the body, or with client_secret_basic in the Authorization header")
		}
		return id, secret, method, nil
	}
	if len(headers) > 1 {
		return "", "", "", NewFault(personality.HeaderMalformed, "", "invalid_request", "several Authorization headers")
	}
	if method == store.AuthPost {
		return "", "", "", NewFault(personality.SeveralMechanisms, "", "invalid_request", "client credentials both in the Authorization header and in the body; use one method (RFC 6749 section 2.3)")
	}
	user, password, fault := basic(headers[0])
	if fault != 0 {
		return "", "", "", malformedHeader(fault)
	}
	if id != "" && id != user {
		return "", "", "", NewFault(personality.ClientMismatch, "", "invalid_request", "client_id in the body is not the one in the Authorization header")
	}
	return user, password, store.AuthBasic, nil
}

func malformedHeader(fault personality.Fault) *Error {
	return NewFault(fault, "", "invalid_client", "the Authorization header is no well-formed Basic credential: want base64 of id, colon, secret, both form-encoded (RFC 6749 section 2.3.1)")
}

// basic decodes Basic credentials, whose parts are form-encoded before the base64 (RFC 6749 §2.3.1 and appendix B). The fault is 0, HeaderMalformed
// or HeaderEscape.
func basic(header string) (user, password string, _ personality.Fault) {
	scheme, encoded, _ := strings.Cut(header, " ")
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	user, password, ok := strings.Cut(string(decoded), ":")
	if !strings.EqualFold(scheme, "Basic") || err != nil || !ok {
		return "", "", personality.HeaderMalformed
	}
	user, errUser := url.QueryUnescape(user)
	password, errPassword := url.QueryUnescape(password)
	switch {
	case errUser != nil || errPassword != nil:
		return "", "", personality.HeaderEscape
	case user == "":
		return "", "", personality.HeaderMalformed
	}
	return user, password, 0
}

type authenticatedKey struct{}

// authenticatedClient hands fosite the client that Exchange has authenticated.
func authenticatedClient(ctx context.Context, _ *http.Request, _ url.Values) (fosite.Client, error) {
	return client{ctx.Value(authenticatedKey{}).(*store.Client)}, nil
}
