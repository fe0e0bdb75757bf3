package providercheck

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
)

// checkTokenEndpoint redeems a code that nobody has issued, so the answer is an error: how it is written, and to whom it is shown.
// Without a client it asks as one that nobody has registered.
func (c *checker) checkTokenEndpoint(ctx context.Context, client *Client) {
	location := c.document.urls[tokenEndpoint]
	if location == "" {
		return
	}
	asking := client
	if asking == nil {
		asking = &Client{ID: "mcp-check-" + nonce(), RedirectURI: "http://127.0.0.1/callback"}
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {"mcp-check-" + nonce()}, "client_id": {asking.ID},
		"redirect_uri": {asking.RedirectURI}, "code_verifier": {verifier}}
	redeem := question{what: "the token endpoint", method: http.MethodPost, url: location, body: form.Encode(), content: "application/x-www-form-urlencoded"}
	got, err := c.ask.do(ctx, redeem)
	if err != nil {
		c.unanswered(TokenErrors, Error, fmt.Errorf("%s: %w", location, err))
		return
	}
	code := oauthError(got)
	c.judgeTokenError(got, code)
	if client != nil {
		switch code {
		case "invalid_grant":
			c.ok(PublicClient, "the token endpoint knows %s without a secret", client.ID)
		case "invalid_client", "unauthorized_client":
			c.warn(PublicClient, "Register a public client: token_endpoint_auth_method none.", "the token endpoint refuses %s without a secret: %s", client.ID, code)
		}
	}
	c.checkTokenCORS(ctx, redeem)
}

func (c *checker) judgeTokenError(got answer, code string) {
	media, _, _ := mime.ParseMediaType(got.header.Get("Content-Type"))
	const fix = "Answer errors as RFC 6749 §5.2 does: status 400 or 401, a JSON object with error."
	switch {
	case got.status == http.StatusOK && code == "":
		c.fail(TokenErrors, "Redeem only codes that were issued.", "a made-up code got status 200")
	case code == "" || media != "application/json":
		c.warn(TokenErrors, fix, "a made-up code got %s, %s, with the type %q", got.says(), cmp.Or(code, "no error code"), media)
	case got.status != http.StatusBadRequest && got.status != http.StatusUnauthorized:
		c.warn(TokenErrors, fix, "a made-up code got %s and %s", got.says(), code)
	default:
		c.ok(TokenErrors, "a made-up code got %s and %s", got.says(), code)
	}
}

// checkTokenCORS redeems again, as a browser client. A server may judge the origin only now, and by the client.
func (c *checker) checkTokenCORS(ctx context.Context, redeem question) {
	const fix = "Let browsers call the token endpoint; some providers want the origin listed at the client (web origins, CORS origins)."
	refused, err := c.preflight(ctx, redeem.what, redeem.url, http.MethodPost, "content-type")
	if err != nil {
		c.unanswered(CORSToken, Warning, err)
		return
	}
	redeem.what, redeem.header = "the token endpoint for a browser", map[string]string{"Origin": c.Origin}
	got, err := c.ask.do(ctx, redeem)
	unshared := c.shares(got)
	switch {
	case err != nil:
		c.unanswered(CORSToken, Warning, err)
	case unshared != "":
		c.warn(CORSToken, fix, "%s may not read the answer, status %d %s: %s", c.Origin, got.status, oauthError(got), unshared)
	case refused != "":
		c.warn(CORSToken, fix, "%s: %s", c.Origin, refused)
	default:
		c.ok(CORSToken, "%s may redeem a code", c.Origin)
	}
}

// oauthError is the error code of an answer, or "".
func oauthError(got answer) string {
	object, err := parseObject(got.body)
	if err != nil {
		return ""
	}
	var code string
	_ = json.Unmarshal(object["error"], &code)
	return clip(code)
}
