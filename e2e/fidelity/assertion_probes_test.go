package fidelity

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const byAssertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// holder is a client that proves itself by a key (RFC 7523, private_key_jwt).
type holder struct {
	client
	signer jose.Signer
}

// registerHolder registers a client with a key of its own.
func (c *talk) registerHolder(grants string) holder {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	public, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k", Algorithm: "ES256", Use: "sig"}}})
	if err != nil {
		panic(err)
	}
	k := c.register(fmt.Sprintf(`{"client_name":"A holder","redirect_uris":[%q],"grant_types":%s,"token_endpoint_auth_method":"private_key_jwt","jwks":%s}`, redirect, grants, public))
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "k"}}, nil)
	if err != nil {
		panic(err)
	}
	return holder{k, signer}
}

// assertion is a client assertion without a fault but for the changes; nil takes a claim out.
func (h holder) assertion(c *talk, changes map[string]any) string {
	now := time.Now()
	claims := map[string]any{
		"iss": h.id, "sub": h.id, "aud": c.issuer, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(), "jti": rand.Text(),
	}
	for name, value := range changes {
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
	}
	signed, err := jwt.Signed(h.signer).Claims(claims).Serialize()
	if err != nil {
		panic(err)
	}
	return signed
}

func assertionProbes() []probe {
	var all []probe
	now := time.Now
	own := func(name string, claims func(c *talk, h holder) map[string]any, edits ...string) {
		all = append(all, probe{name: "assertion/" + name, needs: []string{"registration"}, talk: func(c *talk) {
			h := c.registerHolder(`["client_credentials"]`)
			form := params{"grant_type", "client_credentials", "client_assertion_type", byAssertion, "client_assertion", h.assertion(c, claims(c, h))}
			c.see("answer", c.send(request{to: "token", form: form.with(edits...)}))
		}})
	}
	fixed := func(claims map[string]any) func(*talk, holder) map[string]any {
		return func(*talk, holder) map[string]any { return claims }
	}
	own("fine", fixed(nil))
	own("token-endpoint-as-audience", func(c *talk, _ holder) map[string]any { return map[string]any{"aud": c.endpoints["token"]} })
	own("audiences", func(c *talk, _ holder) map[string]any { return map[string]any{"aud": []string{c.issuer, "x"}} })
	own("audience-foreign", fixed(map[string]any{"aud": "https://foreign.example"}))
	own("no-audience", fixed(map[string]any{"aud": nil}))
	own("expired", fixed(map[string]any{"exp": now().Add(-time.Hour).Unix(), "iat": now().Add(-2 * time.Hour).Unix()}))
	own("no-exp", fixed(map[string]any{"exp": nil}))
	own("far-exp", fixed(map[string]any{"exp": now().Add(48 * time.Hour).Unix()}))
	own("no-iat", fixed(map[string]any{"iat": nil}))
	own("no-jti", fixed(map[string]any{"jti": nil}))
	own("not-yet", fixed(map[string]any{"nbf": now().Add(time.Hour).Unix()}))
	own("other-issuer", fixed(map[string]any{"iss": "other"}))
	own("other-subject", fixed(map[string]any{"sub": "other"}))
	own("no-issuer", fixed(map[string]any{"iss": nil}))
	own("and-client-id", func(_ *talk, h holder) map[string]any { return nil }, "client_id=nobody")
	own("no-type", fixed(nil), "-client_assertion_type")
	own("wrong-type", fixed(nil), "client_assertion_type=nonsense")
	own("garbage", fixed(nil), "client_assertion=nonsense")
	own("and-secret", fixed(nil), "client_secret=x")
	at := func(name string, ask func(c *talk)) {
		all = append(all, probe{name: "assertion/" + name, needs: []string{"registration"}, talk: ask})
	}
	at("replayed", func(c *talk) {
		h := c.registerHolder(`["client_credentials"]`)
		form := params{"grant_type", "client_credentials", "client_assertion_type", byAssertion, "client_assertion", h.assertion(c, nil)}
		c.send(request{to: "token", form: form})
		c.see("again", c.send(request{to: "token", form: form}))
	})
	at("tampered", func(c *talk) {
		h := c.registerHolder(`["client_credentials"]`)
		c.see("answer", c.send(request{to: "token", form: params{"grant_type", "client_credentials", "client_assertion_type", byAssertion, "client_assertion", tampered(h.assertion(c, nil))}}))
	})
	at("no-assertion", func(c *talk) {
		h := c.registerHolder(`["client_credentials"]`)
		c.see("answer", c.send(request{to: "token", form: params{"grant_type", "client_credentials", "client_id", h.id}}))
	})
	at("registered", func(c *talk) {
		h := c.registerHolder(`["authorization_code","refresh_token"]`)
		a := c.send(request{to: h.uri, bearer: h.token})
		document, _ := a.json().(map[string]any)
		_, hasKeys := document["jwks"]
		c.note("keys are told", hasKeys)
		c.note("method", document["token_endpoint_auth_method"])
	})
	at("code-and-refresh", func(c *talk) {
		h := c.registerHolder(`["authorization_code","refresh_token"]`)
		c.client = h.client
		proof := func() []string {
			return []string{"client_assertion_type=" + byAssertion, "client_assertion=" + h.assertion(c, nil)}
		}
		code := c.code("scope=openid create:todos")
		c.see("without", c.redeem(code))
		a := c.redeem(code, proof()...)
		c.see("tokens", a)
		c.see("refresh", c.refresh(a.member("refresh_token"), proof()...))
		c.see("revocation", c.send(request{to: "revocation", form: h.identify(params{"token", a.member("access_token")}).with(proof()...)}))
	})
	at("introspects", func(c *talk) {
		h := c.registerHolder(`["client_credentials"]`)
		c.see("answer", c.send(request{to: "introspection", form: params{"token", "x", "client_assertion_type", byAssertion, "client_assertion", h.assertion(c, nil)}}))
	})
	at("pushes", func(c *talk) {
		h := c.registerHolder(`["authorization_code"]`)
		c.client = h.client
		form := append(c.authorization(), "client_assertion_type", byAssertion, "client_assertion", h.assertion(c, nil))
		c.see("answer", c.send(request{to: "pushed_authorization_request", form: form}))
	})
	return all
}
