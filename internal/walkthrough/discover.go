package walkthrough

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/oauthex"
)

// todoScopes are all rights that the todo server knows.
const todoScopes = "create:todos read:todos delete:todos"

// challenge is step 1.
func (t *tour) challenge(_ context.Context, p *page) error {
	e, err := t.reel.next(http.MethodPost, t.endpoint)
	if err != nil {
		return t.ended(err)
	}
	p.sent(e, "MCP-Protocol-Version")
	p.body(compact(e.body, "_meta"))
	p.received(e)
	p.challenged(e)
	parameters, err := readChallenge(e)
	if err := cmp.Or(
		expect("Authorization of the first request", "", e.header.Get("Authorization")),
		expect("status", http.StatusUnauthorized, e.status),
		err,
		expect("scope of the challenge", scopes(todoScopes), scopes(parameters["scope"])),
		expect("error of the challenge (RFC 6750 section 3.1: none without a token)", "", parameters["error"]),
	); err != nil {
		return err
	}
	if t.metadataURL = parameters["resource_metadata"]; t.metadataURL == "" {
		return fmt.Errorf("challenge: want resource_metadata, got %q", e.answer.Get("WWW-Authenticate"))
	}
	p.proved("401, and no error code: the caller did nothing wrong, it only has no token yet")
	return nil
}

// readChallenge reads the parameters of a Bearer challenge.
func readChallenge(e exchange) (map[string]string, error) {
	challenges, err := oauthex.ParseWWWAuthenticate(e.answer.Values("WWW-Authenticate"))
	if err != nil || len(challenges) != 1 || challenges[0].Scheme != "bearer" {
		return nil, fmt.Errorf("WWW-Authenticate: want one Bearer challenge, got %q", e.answer.Get("WWW-Authenticate"))
	}
	return challenges[0].Params, nil
}

// resourceMetadata is step 2.
func (t *tour) resourceMetadata(_ context.Context, p *page) error {
	var document struct {
		Resource string   `json:"resource"`
		Servers  []string `json:"authorization_servers"`
		Scopes   []string `json:"scopes_supported"`
	}
	err := t.fetch(p, t.metadataURL, &document, "resource", "authorization_servers", "scopes_supported")
	if err := cmp.Or(err,
		expect("resource", t.endpoint, document.Resource),
		expect("number of authorization_servers", 1, len(document.Servers)),
		expect("scopes_supported", scopes(todoScopes), scopes(strings.Join(document.Scopes, " "))),
	); err != nil {
		return err
	}
	t.issuer = document.Servers[0]
	p.proved("resource is the URL that the client called: no other server can pose as this one")
	return nil
}

// serverMetadata is what the client needs of RFC 8414.
type serverMetadata struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Registration  string   `json:"registration_endpoint"`
	Challenges    []string `json:"code_challenge_methods_supported"`
	SendsIssuer   bool     `json:"authorization_response_iss_parameter_supported"`
}

// serverMetadata is step 3.
func (t *tour) serverMetadata(_ context.Context, p *page) error {
	issuer, err := url.Parse(t.issuer)
	if err != nil {
		return fmt.Errorf("issuer: want a URL, got %q", t.issuer)
	}
	// RFC 8414 section 3.1: the well-known part goes before the issuer's path.
	location := issuer.Scheme + "://" + issuer.Host + "/.well-known/oauth-authorization-server" + strings.TrimSuffix(issuer.EscapedPath(), "/")
	err = t.fetch(p, location, &t.server, "issuer", "authorization_endpoint", "token_endpoint", "registration_endpoint",
		"code_challenge_methods_supported", "authorization_response_iss_parameter_supported")
	if err := cmp.Or(err,
		expect("issuer", t.issuer, t.server.Issuer),
		expect("code_challenge_methods_supported", []string{"S256"}, t.server.Challenges),
		expect("authorization_response_iss_parameter_supported", true, t.server.SendsIssuer),
	); err != nil {
		return err
	}
	p.proved("the issuer is the one of step 2, letter by letter")
	return nil
}

// fetch shows a document that the client got, and reads it.
func (t *tour) fetch(p *page, location string, into any, fields ...string) error {
	e, err := t.reel.next(http.MethodGet, location)
	if err != nil {
		return t.ended(err)
	}
	p.sent(e)
	p.received(e)
	if err := expect("status", http.StatusOK, e.status); err != nil {
		return err
	}
	if err := p.fields(e.received, fields...); err != nil {
		return err
	}
	return decode(e.received, into)
}

func decode(document []byte, into any) error {
	if err := json.Unmarshal(document, into); err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	return nil
}

// registration is step 4.
func (t *tour) registration(_ context.Context, p *page) error {
	e, err := t.reel.next(http.MethodPost, t.server.Registration)
	if err != nil {
		return t.ended(err)
	}
	p.sent(e)
	p.body(compact(e.body))
	p.received(e)
	if err := expect("status", http.StatusCreated, e.status); err != nil {
		return err
	}
	var registered struct {
		ID        string   `json:"client_id"`
		Secret    string   `json:"client_secret"`
		Redirects []string `json:"redirect_uris"`
	}
	err = cmp.Or(
		p.fields(e.received, "client_id", "client_name", "redirect_uris", "token_endpoint_auth_method"),
		decode(e.received, &registered),
	)
	if err := cmp.Or(err,
		expect("redirect_uris", []string{redirectURI}, registered.Redirects),
		expect("a client_secret", false, registered.Secret != ""),
	); err != nil {
		return err
	}
	if t.clientID = registered.ID; t.clientID == "" {
		return fmt.Errorf("want a client_id, got none")
	}
	p.proved("a public client: no secret, as a program on people's machines could not keep one")
	return nil
}
