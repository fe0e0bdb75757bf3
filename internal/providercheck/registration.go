package providercheck

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// newClient is what an MCP client on somebody's machine registers (MCP 2026-07-28, client registration).
var newClient = map[string]any{
	"client_name":                "mock-idp check-provider, to be deleted",
	"redirect_uris":              []string{"http://127.0.0.1/callback"},
	"grant_types":                []string{"authorization_code", "refresh_token"},
	"response_types":             []string{"code"},
	"token_endpoint_auth_method": "none",
	"application_type":           "native",
}

// registered is what the server answers (RFC 7591 §3.2.1, RFC 7592 §3).
type registered struct {
	ID         string   `json:"client_id"`
	Secret     string   `json:"client_secret"`
	AuthMethod string   `json:"token_endpoint_auth_method"`
	Redirects  []string `json:"redirect_uris"`
	Grants     []string `json:"grant_types"`
	URL        string   `json:"registration_client_uri"`
	Token      string   `json:"registration_access_token"`
}

// register registers a client if that is asked for. It returns the client to go on with, and what deletes a new one again.
func (c *checker) register(ctx context.Context) (client *Client, remove func()) {
	nothing := func() {}
	location := c.document.urls[registrationEndpoint]
	if !c.Register || location == "" {
		return c.Client, nothing
	}
	body, err := json.Marshal(newClient)
	if err != nil {
		panic(err) // plain text
	}
	got, err := c.ask.do(ctx, question{what: "the registration endpoint", method: http.MethodPost, url: location, body: string(body), content: "application/json"})
	if err != nil {
		c.unanswered(Registration, Error, fmt.Errorf("%s: %w", location, err))
		return c.Client, nothing
	}
	var answer registered
	object, unread := parseObject(got.body)
	switch {
	case got.status == http.StatusUnauthorized || got.status == http.StatusForbidden:
		c.warn(Registration, "Let anybody register (look for policies such as trusted hosts and initial access tokens), or register clients by hand.", "it is not open: %s %s", got.says(), oauthError(got))
		return c.Client, nothing
	case got.status != http.StatusCreated && got.status != http.StatusOK:
		c.fail(Registration, "Accept a public native client with a loopback redirect URI: the request was that of RFC 7591 §3.1.", "a registration got %s %s", got.says(), oauthError(got))
		return c.Client, nothing
	case unread != nil || json.Unmarshal(got.body, &answer) != nil || answer.ID == "":
		c.fail(RegistrationAnswer, "Answer with the client's metadata (RFC 7591 §3.2.1).", "no client_id that can be read, in %s", kind(got.body))
		return c.Client, nothing
	}
	c.judgeRegistration(got, object, answer)
	client = c.Client
	if client == nil {
		client = &Client{ID: answer.ID, RedirectURI: "http://127.0.0.1/callback"}
	}
	return client, func() { c.remove(ctx, location, answer) }
}

func (c *checker) judgeRegistration(got answer, object map[string]json.RawMessage, answer registered) {
	var odd []string
	if got.status != http.StatusCreated {
		odd = append(odd, "status 200 instead of 201")
	}
	if object["token_endpoint_auth_method"] != nil && answer.AuthMethod != "none" {
		odd = append(odd, fmt.Sprintf("token_endpoint_auth_method %q where none was asked for", clip(answer.AuthMethod)))
	}
	if answer.Secret != "" {
		odd = append(odd, "a client_secret, where none was asked for")
	}
	if !slices.Equal(answer.Redirects, []string{"http://127.0.0.1/callback"}) {
		odd = append(odd, "other redirect_uris than asked for")
	}
	if object["grant_types"] != nil && !slices.Contains(answer.Grants, "authorization_code") {
		odd = append(odd, "no grant type authorization_code")
	}
	if len(odd) > 0 {
		c.warn(RegistrationAnswer, "Register what was asked for, or refuse it with invalid_client_metadata.", "%s", strings.Join(odd, "; "))
		return
	}
	c.ok(RegistrationAnswer, "a public native client was registered without a token, as it asked to be")
}

// remove deletes the client (RFC 7592 §2.3). Its token goes only to the origin that handed it out.
func (c *checker) remove(ctx context.Context, location string, answer registered) {
	const fix = "Delete it by hand."
	endpoint, _ := url.Parse(location)
	manage, err := url.Parse(answer.URL)
	if answer.URL == "" || answer.Token == "" || err != nil || origin(manage) != origin(endpoint) {
		c.info(RegistrationCleanedUp, fix, "the client %s was left behind: the server offers no deletion at its own origin (RFC 7592)", clip(answer.ID))
		return
	}
	// Also when the time is up: what was made is to be taken away.
	got, err := c.ask.do(context.WithoutCancel(ctx), question{what: "the deletion of the client " + clip(answer.ID), method: http.MethodDelete, url: answer.URL, header: map[string]string{"Authorization": "Bearer " + answer.Token}})
	switch {
	case err != nil:
		c.warn(RegistrationCleanedUp, fix, "the client %s was left behind: %v", clip(answer.ID), err)
	case got.status != http.StatusNoContent:
		c.warn(RegistrationCleanedUp, fix, "the client %s was left behind: its deletion got %s", clip(answer.ID), got.says())
	default:
		c.ok(RegistrationCleanedUp, "the client was deleted again")
	}
}
