package engine

import (
	"context"
	"fmt"
	"net/url"

	"github.com/ory/fosite"

	"mcpharness/internal/idp/store"
)

type redirect = *url.URL

// IssueCode records what a person allowed and returns the authorization code for it. The grant must be checked: its client
// known, its redirect URI registered, its scopes and resources allowed.
func (e *Engine) IssueCode(ctx context.Context, grant store.Grant) (string, error) {
	c, ok := e.Store.Client(grant.ClientID)
	if !ok {
		return "", fmt.Errorf("issuing a code: client %q is gone", grant.ClientID)
	}
	r := fosite.NewAuthorizeRequest()
	r.Client = client{c}
	r.ResponseTypes = fosite.Arguments{"code"}
	r.RedirectURI = &url.URL{}
	r.Form = url.Values{"code_challenge": {grant.CodeChallenge}, "code_challenge_method": {"S256"}} // what is recorded is the grant
	answer, err := e.codes.NewAuthorizeResponse(ctx, r, &session{grantID: store.NewGrantID(), grant: grant})
	if err != nil {
		return "", fmt.Errorf("issuing a code: %w", err)
	}
	return answer.GetCode(), nil
}
