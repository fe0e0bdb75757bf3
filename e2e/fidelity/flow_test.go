package fidelity

import (
	"net/url"
	"strings"
)

// callback signs the person in and returns the parameters of the redirect to the client.
func (c *talk) callback(edits ...string) url.Values {
	back, err := c.browser.agent.SignIn(c.ctx, c.endpoints["authorization"]+"?"+c.authorization(edits...).encode(), c.who)
	if err != nil {
		c.stop("no way back to the client: %v", err)
	}
	return back.Query()
}

// code signs in and returns the code.
func (c *talk) code(edits ...string) string {
	back := c.callback(edits...)
	if back.Get("code") == "" {
		c.stop("no code: %s %s", back.Get("error"), back.Get("error_description"))
	}
	return back.Get("code")
}

// redeem makes a token request for a code.
func (c *talk) redeem(code string, edits ...string) *answer {
	return c.send(request{to: "token", form: c.redemption(code, edits...)})
}

// refresh makes a token request for a refresh token.
func (c *talk) refresh(token string, edits ...string) *answer {
	return c.send(request{to: "token", form: c.renewal(token, edits...)})
}

// tokens are what a sign-in leads to.
type tokens struct {
	access, refresh, id string
}

// signIn goes all the way to tokens.
func (c *talk) signIn(edits ...string) tokens {
	return c.got(c.redeem(c.code(edits...)))
}

// signInAndLeave ends the client's part in the session by a refresh token that is used twice. It returns the tokens that were had.
func (c *talk) signInAndLeave() tokens {
	had := c.signIn()
	c.refresh(had.refresh)
	c.refresh(had.refresh)
	return had
}

// got reads a token answer, which must be one.
func (c *talk) got(a *answer) tokens {
	t := tokens{a.member("access_token"), a.member("refresh_token"), a.member("id_token")}
	if t.access == "" {
		c.stop("no tokens: %d %s %s", a.status, a.member("error"), a.member("error_description"))
	}
	return t
}

// as makes another person sign in, at a browser of their own.
func (c *talk) as(name string) {
	c.who, c.browser = c.people[name], c.newBrowser()
}

// introspect asks about a token as the profile's resource server, if not edited.
func (c *talk) introspect(token string, edits ...string) *answer {
	return c.send(request{to: "introspection", form: c.resource.identify(params{"token", token}).with(c.edits(edits)...)})
}

// register makes a client of the metadata and comes as it from then on. It ends the probe if that is refused.
func (c *talk) register(metadata string) client {
	a := c.send(request{to: "registration", body: metadata, kind: "application/json"})
	made := client{id: a.member("client_id"), secret: a.member("client_secret"), redirect: redirect, uri: a.member("registration_client_uri"), token: a.member("registration_access_token")}
	if made.id == "" {
		c.stop("not registered: %d %s %s", a.status, a.member("error"), a.member("error_description"))
	}
	c.made = append(c.made, made)
	return made
}

// unregister leaves no client behind at a live provider. A probe may have deleted it, or changed its token.
func (c *talk) unregister() {
	for _, k := range c.made {
		if k.uri != "" && strings.HasPrefix(k.uri, "http") {
			_, _ = c.exchange(request{method: "DELETE", to: k.uri, bearer: k.token})
		}
	}
}
