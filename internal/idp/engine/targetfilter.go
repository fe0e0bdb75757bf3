package engine

import (
	"context"
	"net/url"
	"strings"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// clientURN names a client in resource.
const clientURN = "urn:client:"

// filterAudiences keeps, of the audiences that the mappers write, the one that the client asked for in its authorization request. A
// token request may repeat it. A resource is the URL of a client that is an audience, or that client's name behind urn:client:.
func (e *Engine) filterAudiences(s *session, form url.Values) *Error {
	original := ""
	if len(s.grant.Resources) > 0 {
		original = s.grant.Resources[0]
	}
	asked := original
	if form.Has("resource") {
		asked = form.Get("resource")
	}
	own := s.grant.Username == "" // no authorization request came before
	switch {
	case form.Has("resource") && malformedResource(asked):
		return resourceUnfit()
	case asked != original && !own:
		return NewFault(personality.ResourceMismatch, "", "invalid_target", "resource is not the one of the authorization request")
	case asked == "":
		return nil
	}
	client, known := e.Store.Client(s.grant.ClientID)
	if !known {
		return nil // its tokens are refused for that
	}
	audiences := e.mapping(s, client, store.InAccessToken).aud
	if len(audiences) == 0 {
		return resourceUnfiltered()
	}
	for _, audience := range audiences {
		of, isClient := e.Store.Client(audience)
		switch {
		case own && (asked == clientURN+audience || isClient && of.ResourceURL == asked):
			return resourceUnfiltered() // measured: it fails on those that would fit
		case asked == clientURN+audience:
			s.audience = audience
			return nil
		case isClient && of.ResourceURL == asked:
			s.audience = strings.Clone(asked)
			return nil
		}
	}
	return resourceUnfit()
}

func resourceUnfit() *Error {
	return NewFault(personality.ResourceUnknown, "", "invalid_target", "resource must be an absolute URI without query and fragment, of an API that the token is for")
}

func resourceUnfiltered() *Error {
	return NewFault(personality.ResourceUnfiltered, "", "invalid_target", "none of the granted scopes brings an audience, so there is nothing that resource could choose")
}

// spend uses up what a refused request presented.
func (e *Engine) spend(r presentation) {
	switch r.artefact {
	case artefactCode:
		e.storage.burn(r.handle)
	case artefactRefresh:
		_ = e.storage.RotateRefreshToken(context.Background(), "", r.handle) // one that is used already needs no more
	}
}
