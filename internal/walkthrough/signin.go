package walkthrough

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// authorizationRequest is what step 5 sent and later steps come back to.
type authorizationRequest struct{ challenge, state string }

// authorization is step 5.
func (t *tour) authorization(_ context.Context, p *page) error {
	e, err := t.reel.next(http.MethodGet, t.server.Authorization)
	if err != nil {
		return t.ended(err)
	}
	q := e.url.Query()
	p.sent(e)
	p.table([]row{
		{"response_type", q.Get("response_type"), ""},
		{"client_id", q.Get("client_id"), "from step 4"},
		{"redirect_uri", q.Get("redirect_uri"), "the way back"},
		{"resource", q.Get("resource"), "for this server only"},
		{"scope", q.Get("scope"), "as challenged"},
		{"code_challenge", q.Get("code_challenge"), ""},
		{"code_challenge_method", q.Get("code_challenge_method"), ""},
		{"state", q.Get("state"), "comes back unchanged"},
	})
	p.received(e)
	t.request = authorizationRequest{q.Get("code_challenge"), q.Get("state")}
	if err := cmp.Or(
		expect("response_type", "code", q.Get("response_type")),
		expect("client_id", t.clientID, q.Get("client_id")),
		expect("redirect_uri", redirectURI, q.Get("redirect_uri")),
		expect("resource", t.endpoint, q.Get("resource")),
		expect("scope", scopes(todoScopes), scopes(q.Get("scope"))),
		expect("code_challenge_method", "S256", q.Get("code_challenge_method")),
		expect("length of code_challenge", 43, len(t.request.challenge)),
		expect("a state", true, t.request.state != ""),
		expect("status", http.StatusSeeOther, e.status),
	); err != nil {
		return err
	}
	p.proved("code_challenge is the SHA-256 of a secret that the client keeps until step 7")
	return nil
}

// consent is step 6.
func (t *tour) consent(_ context.Context, p *page) error {
	seen, err := t.signIn(t.reel, "bob")
	if err != nil {
		return t.ended(err)
	}
	page := t.bob.pages[0]
	p.sent(seen.login)
	p.table([]row{{"page", page.login, ""}, {"pressed", "bob", ""}})
	p.sent(seen.decision)
	p.table([]row{
		{"page", page.consent, ""}, {"gets", strings.Join(seen.granted, " "), ""},
		{"withheld", strings.Join(seen.withheld, " "), ""}, {"pressed", "allow", ""},
	})
	p.received(seen.decision)
	target, err := url.Parse(seen.decision.answer.Get("Location"))
	if err != nil {
		return fmt.Errorf("header Location: want a URL, got one that does not parse")
	}
	q := target.Query()
	target.RawQuery = ""
	p.table([]row{{"Location", target.String(), ""}, {"code", q.Get("code"), ""}, {"state", q.Get("state"), "as sent"}, {"iss", q.Get("iss"), "the issuer of step 3"}})
	t.code = q.Get("code")
	if err := cmp.Or(
		expect("scopes that the consent page grants", scopes("create:todos"), seen.granted),
		expect("scopes that it withholds", scopes("read:todos delete:todos"), seen.withheld),
		expect("status", http.StatusSeeOther, seen.decision.status),
		expect("Location", redirectURI, target.String()),
		expect("a code", true, t.code != ""),
		expect("state", t.request.state, q.Get("state")),
		expect("iss", t.issuer, q.Get("iss")),
	); err != nil {
		return err
	}
	p.proved("bob decides whether, the role decides how much")
	return nil
}

// signIn is the browser's part of an authorization, as the wire has it.
type signIn struct {
	login, decision   exchange
	granted, withheld []string // sorted
}

func (t *tour) signIn(r *reel, username string) (signIn, error) {
	var s signIn
	var page exchange
	var err error
	if s.login, err = r.find("the login form with username="+username, posts("username", username)); err != nil {
		return s, err
	}
	if page, err = r.find("the request for the consent page", func(e exchange) bool { return strings.Contains(string(e.received), `name="decision"`) }); err != nil {
		return s, err
	}
	if s.decision, err = r.find("the consent form with decision=allow", posts("decision", "allow")); err != nil {
		return s, err
	}
	s.granted, s.withheld = listed(page.received, "granted"), listed(page.received, "withheld")
	return s, nil
}

func posts(name, value string) func(exchange) bool {
	return func(e exchange) bool { return e.method == http.MethodPost && e.form().Get(name) == value }
}

var scopeOnPage = regexp.MustCompile(`class="scope">(?:<[^>]*>)*([^<]+)<`)

// listed reads the scopes in the section of the consent page whose heading has this id.
func listed(document []byte, id string) []string {
	_, section, _ := strings.Cut(string(document), `id="`+id+`"`)
	section, _, _ = strings.Cut(section, "</section>")
	var found []string
	for _, match := range scopeOnPage.FindAllStringSubmatch(section, -1) {
		found = append(found, html.UnescapeString(match[1]))
	}
	return scopes(strings.Join(found, " "))
}

// tokenAnswer is the token endpoint's (RFC 6749 section 5.1).
type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	Type        string `json:"token_type"`
	ExpiresIn   int64  `json:"expires_in"`
	Scope       string `json:"scope"`
}

// token is step 7.
func (t *tour) token(_ context.Context, p *page) error {
	e, err := t.reel.next(http.MethodPost, t.server.Token)
	if err != nil {
		return t.ended(err)
	}
	form := e.form()
	p.sent(e)
	p.table([]row{
		{"grant_type", form.Get("grant_type"), ""}, {"code", form.Get("code"), "from step 6"},
		{"code_verifier", form.Get("code_verifier"), "its SHA-256 is the code_challenge"}, {"client_id", form.Get("client_id"), ""},
		{"redirect_uri", form.Get("redirect_uri"), ""}, {"resource", form.Get("resource"), ""},
	})
	p.received(e, "Cache-Control")
	if err := cmp.Or(expect("status", http.StatusOK, e.status), p.fields(e.received), decode(e.received, &t.access)); err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	if err := cmp.Or(
		expect("grant_type", "authorization_code", form.Get("grant_type")),
		expect("the code of step 6", true, form.Get("code") == t.code),
		expect("SHA-256 of code_verifier", t.request.challenge, base64.RawURLEncoding.EncodeToString(sum[:])),
		expect("client_id", t.clientID, form.Get("client_id")),
		expect("resource", t.endpoint, form.Get("resource")),
		expect("Cache-Control", "no-store", e.answer.Get("Cache-Control")),
		expect("token_type", "Bearer", t.access.Type),
		expect("scope", "create:todos", t.access.Scope),
	); err != nil {
		return err
	}
	p.proved("three scopes were asked for, one was granted, and the answer says so")
	return nil
}

// claims is step 8.
func (t *tour) claims(_ context.Context, p *page) error {
	header, payload, signature, err := splitToken(t.access.AccessToken)
	if err != nil {
		return err
	}
	p.say("header")
	p.body(compact(header))
	p.say("claims")
	claimsErr := p.fields(payload)
	p.say(fmt.Sprintf("signature: %d bytes, not shown, so nobody can use what is printed here", len(signature)))
	var head struct{ Typ, Alg, Kid string }
	var body struct {
		Issuer   string `json:"iss"`
		Subject  string `json:"sub"`
		Audience any    `json:"aud"`
		Client   string `json:"client_id"`
		Scope    string `json:"scope"`
		Issued   int64  `json:"iat"`
		Expires  int64  `json:"exp"`
	}
	if err := cmp.Or(claimsErr, decode(header, &head), decode(payload, &body)); err != nil {
		return err
	}
	if err := cmp.Or(
		expect("typ", "at+jwt", head.Typ),
		expect("alg", "ES256", head.Alg),
		expect("a kid", true, head.Kid != ""),
		expect("iss", t.issuer, body.Issuer),
		expect("a sub", true, body.Subject != ""),
		expect("aud", []string{t.endpoint}, audiences(body.Audience)),
		expect("client_id", t.clientID, body.Client),
		expect("scope", "create:todos", body.Scope),
		expect("exp - iat", t.access.ExpiresIn, body.Expires-body.Issued),
	); err != nil {
		return err
	}
	t.subject = body.Subject
	p.proved("aud is this todo server alone: no other server may accept the token")
	return nil
}

func splitToken(token string) (header, payload, signature []byte, err error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, nil, nil, fmt.Errorf("access token: want the three parts of a JWT, got %d", len(parts))
	}
	var decoded [3][]byte
	for i, part := range parts {
		if decoded[i], err = base64.RawURLEncoding.DecodeString(part); err != nil {
			return nil, nil, nil, fmt.Errorf("access token: want base64url in part %d, got something else", i+1)
		}
	}
	return decoded[0], decoded[1], decoded[2], nil
}

// audiences reads aud, which is a string or a list of strings (RFC 7519 section 4.1.3).
func audiences(claim any) []string {
	switch aud := claim.(type) {
	case string:
		return []string{aud}
	case []any:
		var all []string
		for _, one := range aud {
			all = append(all, fmt.Sprint(one))
		}
		return all
	}
	return nil
}
