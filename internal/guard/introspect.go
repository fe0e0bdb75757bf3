package guard

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// introspect asks the issuer about a token (RFC 7662). The answer wants no trust in the token: whatever it looks like, it
// only travels in the body, and what the issuer says of it is judged like a token's own claims.
func (g *Guard) introspect(ctx context.Context, token string) (Identity, validity, error) {
	answer, err := g.askIntrospection(ctx, token)
	if err != nil {
		return Identity{}, validity{}, err
	}
	switch string(answer["active"]) {
	case "true":
	case "false":
		return Identity{}, validity{}, refuseToken("the issuer says that the token is not active")
	default:
		return Identity{}, validity{}, fmt.Errorf("introspection: active: want true or false, got %s", kindOf(answer["active"]))
	}
	if err := g.checkAnswerKind(answer); err != nil {
		return Identity{}, validity{}, err
	}
	return g.readClaims(answer, introspected)
}

func (g *Guard) askIntrospection(ctx context.Context, token string) (claims, error) {
	location, err := g.authority.endpoint(ctx, introspectionEndpoint)
	if err != nil {
		return nil, fmt.Errorf("finding the introspection endpoint: %w", err)
	}
	as := g.settings.Introspection
	form := url.Values{"token": {token}, "token_type_hint": {"access_token"}}
	if as.Auth == AuthPost {
		form.Set("client_id", as.ClientID)
		form.Set("client_secret", string(as.Secret))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, location, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if as.Auth == AuthBasic { // RFC 6749 section 2.3.1: form-encoded first
		req.SetBasicAuth(url.QueryEscape(as.ClientID), url.QueryEscape(string(as.Secret)))
	}
	status, answer, err := g.askIssuer(req)
	switch {
	case err != nil:
		return nil, fmt.Errorf("introspection: %w", err)
	case status == http.StatusOK:
		return answer, nil
	case status == http.StatusBadRequest && !isClientError(answer):
		// Logto says unsupported_token_type to whatever looks like a JWT. It may be said to a stranger's token, so it is
		// no trouble of the issuer's.
		return nil, refuseToken("the issuer tells nothing about this kind of token")
	case status == http.StatusBadRequest || status == http.StatusUnauthorized || status == http.StatusForbidden:
		return nil, fmt.Errorf("introspection: the issuer refuses this server's client %q (status %d): check its id, secret and way of authentication", as.ClientID, status)
	}
	authorityTrouble(ctx, g.authority, introspectionEndpoint, status)
	return nil, fmt.Errorf("introspection: want status 200, got %d", status)
}

// isClientError reports whether the issuer's complaint is about who asks (RFC 6749 section 5.2).
func isClientError(answer claims) bool {
	code, _ := stringOf(answer["error"])
	return code == "invalid_client" || code == "unauthorized_client"
}

// authorityTrouble has the metadata read again if the endpoint seems to be somewhere else now.
func authorityTrouble(ctx context.Context, a *authority, name string, status int) {
	if status == http.StatusNotFound || status == http.StatusGone || status/100 == 3 {
		a.forget(ctx, name)
	}
}

var errNotPlainJSON = errors.New("want application/json with one object, in UTF-8 and without duplicate members")

// askIssuer sends a question about a token and reads the answer, an object. Signed answers (RFC 9701, signed userinfo) are
// not asked for, so one is nonsense. Neither errors nor logs hold the question or the answer.
func (g *Guard) askIssuer(req *http.Request) (status int, answer claims, err error) {
	req.Header.Set("Accept", "application/json")
	resp, err := g.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err := readUpTo(resp.Body, maxAnswer)
	if err != nil {
		return 0, nil, err
	}
	mediaType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if mediaType != "application/json" {
		if resp.StatusCode == http.StatusOK {
			return 0, nil, errNotPlainJSON
		}
		return resp.StatusCode, nil, nil
	}
	if checkJSON(body, maxPayloadDepth) == nil && !hasHalfPair(body) {
		answer, _ = members(body)
	}
	if answer == nil && resp.StatusCode == http.StatusOK {
		return 0, nil, errNotPlainJSON
	}
	return resp.StatusCode, answer, nil
}
