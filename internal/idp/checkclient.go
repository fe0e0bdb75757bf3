package idp

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"mcpharness/internal/idp/engine"
	"mcpharness/internal/idp/pages"
	"mcpharness/internal/personality"
)

// whereTo is what a request says about its client, for pages.
func (a *asked) whereTo() []pages.Detail {
	return []pages.Detail{{Name: "client_id", Value: strings.Join(a.form["client_id"], " ")}, {Name: "redirect_uri", Value: strings.Join(a.form["redirect_uri"], " ")}}
}

// aboutClient is an objection that no client is told.
func (a *asked) aboutClient(fault personality.Fault, p pages.Problem) *objection {
	p.Status, p.Details = http.StatusBadRequest, append(a.whereTo(), p.Details...)
	return &objection{Error: engine.NewFault(fault, "", "invalid_request", p.Wrong+" "+p.Change), page: &p}
}

func (a *asked) once(name string) *objection {
	if len(a.form[name]) < 2 {
		return nil
	}
	o := a.aboutClient(personality.AuthorizeRepeated, pages.Problem{
		Title: "A parameter is repeated",
		Wrong: name + " stands in the request more than once.", Expected: "Each parameter once (RFC 6749 section 3.1).",
		Change: "Correct how the client builds the authorization URL.",
	})
	o.About = name
	return o
}

// checkClient finds the client.
func (s *Server) checkClient(ctx context.Context, a *asked) *objection {
	id := a.form.Get("client_id")
	if !a.form.Has("client_id") {
		return a.aboutClient(personality.AuthorizeClientless, pages.Problem{
			Title: "The client does not say who it is",
			Wrong: "The authorization request has no client_id.", Expected: "The identifier of a client that is registered here.",
			Change: s.howToBeKnown(),
		})
	}
	if s.Personality.ClientDocuments && s.Documents.names(id) {
		client, refusal := s.documentedByPolicy(ctx, id, a.form.Get("redirect_uri"))
		if refusal != nil {
			return a.aboutClient(refusal.Fault, documentProblem(refusal))
		}
		a.client = client
		return nil
	}
	if o := s.unusable(a, id); o != nil {
		return o
	}
	client, refusal := s.client(ctx, id)
	switch {
	case refusal != nil && s.Personality.ClientDocuments && !s.Personality.DocumentsByPolicy && namesDocument(id):
		return a.aboutClient(personality.AuthorizeClient, pages.Problem{
			Title: "This client's metadata document cannot be used",
			Wrong: refusal.Description + ".", Expected: "An https URL with a path; at it, with status 200 and Content-Type application/json, an object of at most 5 KiB whose client_id is that URL, with client_name and redirect_uris.",
			Change: "Correct the document. " + s.howToBeKnown() + " A document on this machine or in a private network needs client_documents: {allow_private: true} in this server's configuration, and a certificate of an authority that it trusts (ca_file).",
		})
	case refusal != nil:
		o := a.aboutClient(personality.AuthorizeClient, pages.Problem{
			Title: "This client is not known here",
			Wrong: "No client with this client_id is registered.", Expected: "The identifier of a configured client, one that was registered since this server started, or the https URL of a client metadata document.",
			Change: "This server keeps registrations in memory, unless it is started with --state: if it was restarted, the client still holds the old one. Clear the client's stored OAuth state and connect again; a fixed client belongs under clients: in the configuration.",
		})
		o.About = id
		return o
	}
	a.client = client
	return nil
}

// unusable objects to clients that are known and get no tokens at all.
func (s *Server) unusable(a *asked, id string) *objection {
	client, known := s.Store.Client(id)
	switch {
	case known && client.Disabled:
		return a.aboutClient(personality.AuthorizeDisabled, pages.Problem{
			Title: "This client is disabled",
			Wrong: "The client is known, and disabled in this server's configuration.", Expected: "A client that is enabled.", Change: "Enable it there.",
		})
	case known && client.BearerOnly:
		return a.aboutClient(personality.AuthorizeBearerOnly, pages.Problem{
			Title: "This client gets no tokens",
			Wrong: "The client stands for an API (bearer-only), and signs nobody in.", Expected: "A client that signs people in.", Change: "Let the program that calls the API have a client of its own.",
		})
	}
	return nil
}

// checkRedirect finds where to answer. From there on the client is told what is wrong.
func (s *Server) checkRedirect(a *asked) *objection {
	asks, known := a.form.Get("redirect_uri"), a.client.RedirectURIs
	wrong := pages.Problem{
		Title:    "This redirect URI is not registered",
		Wrong:    "The client asks to be answered at an address that it did not register.",
		Expected: s.redirectRule(),
		Change:   "Register this redirect URI, or let the client use a registered one. Mind 127.0.0.1 against localhost, http against https, and trailing slashes.",
	}
	for _, uri := range known {
		wrong.Details = append(wrong.Details, pages.Detail{Name: "registered", Value: uri})
	}
	switch {
	case !a.form.Has("redirect_uri") && len(known) == 1 && s.Personality.Authorization.OnlyRedirect,
		!a.form.Has("redirect_uri") && len(known) == 1 && !slices.Contains(strings.Fields(strings.Join(a.form["scope"], " ")), "openid"):
		asks = known[0] // RFC 6749 §3.1.2.3; OpenID Connect always wants it named
	case asks == "":
		wrong.Title, wrong.Wrong = "The client does not say where to answer", "The authorization request has no redirect_uri, and it is needed here."
		return a.aboutClient(personality.RedirectMissing, wrong)
	case !s.redirectFits(a.client, asks):
		return a.aboutClient(personality.AuthorizeRedirect, wrong)
	}
	a.redirectURI = asks
	a.request.ClientID = a.client.ID
	a.request.RedirectURI, a.request.RedirectNamed = asks, a.form.Has("redirect_uri")
	if len(a.form["state"]) == 1 || s.Personality.Forms.RepeatedLast && !s.Personality.Authorization.TellsClient {
		a.request.State, a.request.HasState = a.form.Get("state"), a.form.Has("state") // of several none is ours to choose, but for who reads the first
	}
	a.request.ResponseMode = s.responseMode(a.form, asks)
	return nil
}
