package idp

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/pages"
	"mcpharness/internal/personality"
)

// checkRequestObject refuses parameters in a JWT (OpenID Connect Core §6), or takes those of one that is not signed, where the
// personality does.
func (s *Server) checkRequestObject(a *asked) *objection {
	alone := a.pushing && s.Personality.Push.ObjectAlone
	if a.redirectURI == "" && !s.Personality.Authorization.TellsClient && !alone && (!a.form.Has("response_type") || s.engine.Repeated(a.form) != nil) {
		return nil // who reads the JWT before all else does not come to it with these
	}
	if s.Personality.Authorization.UnsignedObjects && a.form.Has("request") && !a.form.Has("request_uri") {
		said, err := unsignedObject(a.form.Get("request"))
		if err != nil || said.Has("request_uri") || said.Has("client_id") && said.Get("client_id") != a.client.ID {
			return refused(personality.RequestObject, "", "invalid_request_object", "the request object cannot be used; want a JWT with alg none, whose client_id is that of the request")
		}
		delete(said, "request")
		if alone {
			a.form = url.Values{"client_id": a.form["client_id"], "response_type": a.form["response_type"]}
			a.object = said
		}
		a.form = maps.Clone(a.form)
		delete(a.form, "request")
		maps.Copy(a.form, said)
		return nil
	}
	switch {
	case a.form.Has("request"):
		return refused(personality.RequestObject, "", "request_not_supported", "request objects are not supported; send plain parameters")
	case a.form.Has("request_uri"):
		return refused(personality.RequestURIObject, "", "request_uri_not_supported", "request_uri can only name a request that was pushed, and this one does not; push it first, or send plain parameters")
	}
	return nil
}

func (s *Server) checkRegistration(a *asked) *objection {
	if !a.form.Has("registration") {
		return nil
	}
	return refused(personality.RegistrationObject, "", "registration_not_supported", "the registration parameter is not supported. "+s.howToBeKnown())
}

func (s *Server) checkResponseType(a *asked) *objection {
	if !a.form.Has("response_type") {
		return refused(personality.ResponseTypeMissing, "", "invalid_request", "response_type is missing; want code")
	}
	asks, known := a.form.Get("response_type"), s.Personality.Authorization.ResponseTypes
	types := []string{asks}
	if known != nil {
		types = strings.Split(strings.Trim(asks, " "), " ")
	}
	unknown := func(t string) bool { return t != "code" && !slices.Contains(known, t) }
	if len(types) == 0 || slices.ContainsFunc(types, unknown) || slices.Contains(types, responseNone) && len(types) > 1 {
		return refused(personality.ResponseTypeUnknown, asks, "unsupported_response_type", "this server issues codes only; want response_type=code")
	}
	a.request.NoCode = types[0] == responseNone
	return nil
}

func (s *Server) checkResponseMode(a *asked) *objection {
	switch {
	case a.form.Has("response_mode") && !slices.Contains(s.responseModes(), a.form.Get("response_mode")):
		return refused(personality.ResponseModeUnknown, "", "invalid_request", "response_mode is not supported; want "+strings.Join(s.responseModes(), " or ")+", or leave it out for query")
	case a.redirectURI != "" && a.form.Has("response_mode") && a.request.ResponseMode != a.form.Get("response_mode"):
		return refused(personality.ResponseModeUnknown, "", "invalid_request", "response_mode form_post needs an http or https redirect URI; this one gets query")
	}
	return nil
}

// checkGrant asks whether the client may have what it asks for: codes, and never tokens.
func (s *Server) checkGrant(a *asked) *objection {
	switch {
	case bringsTokens(a.form.Get("response_type")), a.request.NoCode && s.Personality.Authorization.NoneForbidden:
		return refused(personality.ResponseTypeForbidden, "", "unauthorized_client", "no client gets tokens from this endpoint; want response_type=code")
	case !a.request.NoCode && !a.client.May(engine.GrantCode):
		return refused(personality.CodeForbidden, "", "unauthorized_client", "this client is not registered for the grant type authorization_code")
	}
	return nil
}

var promptValues = []string{"none", "login", "consent", "select_account"}

func (s *Server) checkPrompt(a *asked) *objection {
	if !a.form.Has("prompt") {
		return nil
	}
	prompts, known := strings.Split(a.form.Get("prompt"), " "), s.Personality.Authorization.Prompts
	if known == nil {
		known = promptValues
	}
	for _, p := range prompts {
		if !slices.Contains(known, p) {
			return refused(personality.PromptUnknown, "", "invalid_request", fmt.Sprintf("prompt value %q is not known; want %s", engine.Clip(p), strings.Join(known, ", ")))
		}
	}
	if slices.Contains(prompts, "none") && len(prompts) > 1 {
		return refused(personality.PromptNotAlone, "", "invalid_request", "prompt=none stands alone (OpenID Connect Core section 3.1.2.1)")
	}
	return nil
}

// checkCreate says that nobody can sign up here (Initiating User Registration via OpenID Connect §4).
func checkCreate(a *asked) *objection {
	if prompts := strings.Fields(a.form.Get("prompt")); !slices.Contains(prompts, "create") || slices.Contains(prompts, "none") {
		return nil
	}
	o := refused(personality.SignUp, "", "invalid_request", "prompt=create asks for a page to sign up, and there is none")
	o.page, o.pageAlways = &pages.Problem{
		Status: http.StatusBadRequest, Title: "Nobody can sign up here",
		Wrong: "The request asks for a page to sign up (prompt=create).", Expected: "A request for somebody who is known already.",
		Change: "Leave prompt=create out, or add the person under users: in this server's configuration.",
	}, true
	return o
}

func (s *Server) checkMaxAge(a *asked) *objection {
	if !a.form.Has("max_age") {
		return nil
	}
	var err error
	if s.Personality.Authorization.SignedMaxAge {
		_, err = strconv.ParseInt(a.form.Get("max_age"), 10, 32)
	} else {
		_, err = strconv.ParseUint(a.form.Get("max_age"), 10, 64)
	}
	if err != nil {
		return refused(personality.MaxAge, "", "invalid_request", "max_age must be a number of seconds")
	}
	return nil
}

func (s *Server) checkScope(a *asked) *objection {
	scopes, resources, refusal := s.engine.Ask(a.client, a.form)
	a.request.Scopes, a.request.Resources = scopes, resources
	return objectionOf(refusal)
}

func (s *Server) checkPushed(a *asked) *objection {
	if a.pushed || !s.RequirePushed && !a.client.PushOnly {
		return nil
	}
	return refused(0, "", "invalid_request", "authorization requests must be pushed; send the parameters to "+s.url(s.Personality.Paths.Push)+" first, then client_id and the request_uri of the answer (RFC 9126 section 5)")
}
