package idp_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

// clientKey is a key pair of a client.
type clientKey struct {
	t         testing.TB
	kid       string
	algorithm jose.SignatureAlgorithm
	signer    crypto.Signer
}

func newClientKey(t testing.TB, kid string) clientKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return clientKey{t, kid, jose.ES256, key}
}

// set is the key set that a client registers.
func (k clientKey) set() string {
	k.t.Helper()
	encoded, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: k.signer.Public(), KeyID: k.kid}}})
	require.NoError(k.t, err)
	return string(encoded)
}

func (k clientKey) sign(typ string, claims map[string]any) string {
	k.t.Helper()
	options := &jose.SignerOptions{}
	if typ != "" {
		options = options.WithType(jose.ContentType(typ))
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: k.algorithm, Key: jose.JSONWebKey{Key: k.signer, KeyID: k.kid}}, options)
	require.NoError(k.t, err)
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	require.NoError(k.t, err)
	return token
}

const robot = "robot" // the client of these tests

func assertionClaims(s server, changes map[string]any) map[string]any {
	c := map[string]any{"iss": robot, "sub": robot, "aud": s.Issuer(), "jti": rand.Text(), "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix()}
	maps.Copy(c, changes)
	maps.DeleteFunc(c, func(_ string, value any) bool { return value == nil })
	return c
}

func asserting(token string, changes q) url.Values {
	return with(ownName, with(url.Values{"client_assertion": {token}, "client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}}, changes))
}

// withRobot configures the client of these tests.
func withRobot(key clientKey) func(*mockidp.Config) {
	return func(c *mockidp.Config) {
		c.Clients = append(c.Clients, mockidp.Client{ID: robot, AuthMethod: "private_key_jwt", JWKS: key.set(), GrantTypes: []string{"client_credentials"}, Scopes: []string{"create:todos"}})
	}
}

func TestAClientAuthenticatesByWhatItSigns(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	curves := map[jose.SignatureAlgorithm]elliptic.Curve{jose.ES256: elliptic.P256(), jose.ES384: elliptic.P384(), jose.ES512: elliptic.P521()}
	for _, name := range start(t, mockidp.Options{}).get(oauthPlace).json["token_endpoint_auth_signing_alg_values_supported"].([]any) {
		algorithm := jose.SignatureAlgorithm(name.(string))
		key := clientKey{t, "k", algorithm, rsaKey}
		if curve, isEC := curves[algorithm]; isEC {
			generated, err := ecdsa.GenerateKey(curve, rand.Reader)
			require.NoError(t, err)
			key.signer = generated
		} else if algorithm == jose.EdDSA {
			key.signer = edwards
		}
		s := configured(t, withRobot(key))
		granted := s.issued(asserting(key.sign("JWT", assertionClaims(s, nil)), nil))
		_, payload := claims(t, granted["access_token"])
		require.Equal(t, robot, payload["client_id"], name)
	}
}

func TestWhatIsWrongWithAnAssertionIsTold(t *testing.T) {
	t.Parallel()
	key, stranger := newClientKey(t, "k"), newClientKey(t, "k")
	s := configured(t, withRobot(key))
	now := time.Now().Unix()
	token := s.Issuer() + "/token"
	good := func(changes map[string]any) url.Values {
		return asserting(key.sign("", assertionClaims(s, changes)), nil)
	}
	for name, row := range map[string]struct {
		form       url.Values
		header     []string
		status     int
		code, says string
		rfc        string
	}{
		"good":                        {good(nil), nil, 200, "", "", "RFC 7523 §3"},
		"for the token endpoint":      {good(map[string]any{"aud": token}), nil, 200, "", "", "RFC 7523 §3"},
		"a list of one":               {good(map[string]any{"aud": []string{s.Issuer()}}), nil, 200, "", "", "RFC 7519 §4.1.3"},
		"a list of both names":        {good(map[string]any{"aud": []string{s.Issuer(), token}}), nil, 200, "", "", "RFC 7519 §4.1.3"},
		"client_id as well":           {with(good(nil), q{"client_id": one(robot)}), nil, 200, "", "", "RFC 7521 §4.2"},
		"without iat":                 {good(map[string]any{"iat": nil}), nil, 200, "", "", "OpenID Connect Core §9: optional"},
		"with nbf":                    {good(map[string]any{"nbf": now - 1}), nil, 200, "", "", "RFC 7523 §3"},
		"typ of an assertion":         {asserting(key.sign("client-authentication+jwt", assertionClaims(s, nil)), nil), nil, 200, "", "", "draft-ietf-oauth-rfc7523bis"},
		"typ of a DPoP proof":         {asserting(key.sign("dpop+jwt", assertionClaims(s, nil)), nil), nil, 401, "invalid_client", "another kind of JWT", "RFC 8725 §3.11"},
		"no aud":                      {good(map[string]any{"aud": nil}), nil, 401, "invalid_client", "has no aud", "RFC 7523 §3"},
		"another server":              {good(map[string]any{"aud": "https://evil.example"}), nil, 401, "invalid_client", "every aud must be " + s.Issuer(), "RFC 7523 §3"},
		"another server too":          {good(map[string]any{"aud": []string{s.Issuer(), "https://evil.example"}}), nil, 401, "invalid_client", "for this server alone", "it could be used there, or here by them"},
		"issuer and a slash":          {good(map[string]any{"aud": s.Issuer() + "/"}), nil, 401, "invalid_client", "every aud must be", "RFC 7523 §3: compared as strings"},
		"no exp":                      {good(map[string]any{"exp": nil}), nil, 401, "invalid_client", "has no exp", "RFC 7523 §3"},
		"expired":                     {good(map[string]any{"exp": now - 1}), nil, 401, "invalid_client", "has expired", "RFC 7523 §3"},
		"expires next year":           {good(map[string]any{"exp": now + 31_536_000}), nil, 401, "invalid_client", "more than 1h", "RFC 7523 §3"},
		"exp as text":                 {good(map[string]any{"exp": "soon"}), nil, 401, "invalid_client", "no signed JWT with the claims", "RFC 7519 §4.1.4"},
		"not yet valid":               {good(map[string]any{"nbf": now + 60}), nil, 401, "invalid_client", "not valid yet", "RFC 7523 §3"},
		"no jti":                      {good(map[string]any{"jti": nil}), nil, 401, "invalid_client", "has no jti", "OpenID Connect Core §9"},
		"no iss":                      {good(map[string]any{"iss": nil}), nil, 401, "invalid_client", "must both be the client_id", "RFC 7523 §3"},
		"no sub":                      {good(map[string]any{"sub": nil}), nil, 401, "invalid_client", "must both be the client_id", "RFC 7523 §3"},
		"iss is another":              {good(map[string]any{"iss": "x"}), nil, 401, "invalid_client", "must both be the client_id", "OpenID Connect Core §9"},
		"an unknown client":           {good(map[string]any{"iss": "x", "sub": "x"}), nil, 401, "invalid_client", "not known", "RFC 6749 §5.2"},
		"a client with a secret":      {good(map[string]any{"iss": "todo-batch", "sub": "todo-batch"}), nil, 401, "invalid_client", "registered for client_secret_basic", "RFC 7591 §2"},
		"a public client":             {good(map[string]any{"iss": "mcp-client", "sub": "mcp-client"}), nil, 401, "invalid_client", "registered for none", "RFC 7591 §2"},
		"another client_id":           {with(good(nil), q{"client_id": one("todo-batch")}), nil, 401, "invalid_client", "is not the sub", "RFC 7521 §4.2"},
		"another key":                 {asserting(stranger.sign("", assertionClaims(s, nil)), nil), nil, 401, "invalid_client", "not signed by a key", "RFC 7523 §3"},
		"another kid":                 {asserting(clientKey{t, "other", key.algorithm, key.signer}.sign("", assertionClaims(s, nil)), nil), nil, 401, "invalid_client", "names a kid that is not", "RFC 7515 §4.1.4"},
		"no kid":                      {asserting(clientKey{t, "", key.algorithm, key.signer}.sign("", assertionClaims(s, nil)), nil), nil, 200, "", "", "RFC 7515 §4.1.4: optional"},
		"alg none":                    {asserting(s.Mint(map[string]any{"alg": "none"}, assertionClaims(s, nil), nil), nil), nil, 401, "invalid_client", "no signed JWT", "RFC 7518 §3.6"},
		"HMAC with the public key":    {asserting(s.Mint(map[string]any{"alg": "HS256", "kid": "k"}, assertionClaims(s, nil), []byte(key.set())), nil), nil, 401, "invalid_client", "no signed JWT", "RFC 8725 §2.1"},
		"the server's own key":        {asserting(s.Mint(map[string]any{"kid": "k", "typ": nil}, assertionClaims(s, nil), nil), nil), nil, 401, "invalid_client", "not signed by a key", "RFC 7523 §3"},
		"garbage":                     {asserting("a.b.c", nil), nil, 401, "invalid_client", "no signed JWT", "RFC 7521 §4.2"},
		"another type":                {with(good(nil), q{"client_assertion_type": one("urn:ietf:params:oauth:client-assertion-type:saml2-bearer")}), nil, 401, "invalid_client", "client_assertion_type must be", "RFC 7521 §4.2"},
		"no type":                     {with(good(nil), q{"client_assertion_type": nil}), nil, 401, "invalid_client", "client_assertion_type must be", "RFC 7521 §4.2"},
		"a type alone":                {with(good(nil), q{"client_assertion": nil}), nil, 401, "invalid_client", "client_assertion is missing", "RFC 7521 §4.2"},
		"twice":                       {with(good(nil), q{"client_assertion": {"a.b.c", "a.b.c"}}), nil, 400, "invalid_request", "client_assertion is repeated", "RFC 6749 §3.2"},
		"a secret beside it":          {with(good(nil), q{"client_secret": one("x")}), nil, 400, "invalid_request", "use one method", "RFC 6749 §2.3"},
		"Basic beside it":             {good(nil), basic(robot, "x"), 400, "invalid_request", "use one method", "RFC 6749 §2.3"},
		"no assertion":                {with(ownName, q{"client_id": one(robot)}), nil, 401, "invalid_client", "must authenticate with private_key_jwt", "RFC 7591 §2"},
		"a secret instead":            {with(ownName, q{"client_id": one(robot), "client_secret": one("x")}), nil, 401, "invalid_client", "registered for private_key_jwt", "RFC 7591 §2"},
		"an empty secret, by the way": {ownName, basic(robot, ""), 401, "invalid_client", "registered for private_key_jwt", "RFC 7591 §2"},
	} {
		a := s.token(row.form, row.header...)
		if row.code == "" {
			require.Equal(t, 200, a.status, "%s: %s", name, a.body)
			continue
		}
		require.Contains(t, a.isError(t, row.status, row.code), row.says, name)
	}
}

func TestAnAssertionIsGoodForOneRequest(t *testing.T) {
	t.Parallel()
	key := newClientKey(t, "k")
	s := configured(t, withRobot(key))
	var won atomic.Int32
	var all sync.WaitGroup
	form := asserting(key.sign("", assertionClaims(s, nil)), nil)
	for range 6 {
		all.Go(func() {
			if s.token(form).status == 200 {
				won.Add(1)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 1, won.Load(), "RFC 7523 §3")
	require.Contains(t, s.refused(401, "invalid_client", form), "used before")
	again := assertionClaims(s, map[string]any{"jti": "mine"})
	s.issued(asserting(key.sign("", again), nil))
	again["iat"] = time.Now().Unix() - 1
	require.Contains(t, s.refused(401, "invalid_client", asserting(key.sign("", again), nil)), "used before", "it is the jti that counts")
}

func TestEveryEndpointForClientsTakesAssertions(t *testing.T) {
	t.Parallel()
	key := newClientKey(t, "k")
	s := configured(t, withRobot(key))
	token := s.issued(asserting(key.sign("", assertionClaims(s, nil)), nil))["access_token"].(string)
	for _, path := range []string{"/introspect", "/revoke"} {
		for _, audience := range []string{s.Issuer(), s.Issuer() + path} {
			form := with(asserting(key.sign("", assertionClaims(s, map[string]any{"aud": audience})), nil), q{"grant_type": nil, "token": one(token)})
			a := s.form(path, form)
			require.Equal(t, 200, a.status, "%s %s", path, a.body)
			s.form(path, form).isError(t, 401, "invalid_client")
		}
	}
	require.Equal(t, inactive, s.introspected(token))
}

func TestARegisteredClientSignsWithWhatItRegistered(t *testing.T) {
	t.Parallel()
	key := newClientKey(t, "k")
	s := start(t, mockidp.Options{AutoLogin: true})
	a := s.register(`{"redirect_uris":["http://127.0.0.1/cb"],"token_endpoint_auth_method":"private_key_jwt","token_endpoint_auth_signing_alg":"ES256","jwks":` + key.set() + `}`)
	require.Equal(t, 201, a.status, a.body)
	require.NotContains(t, a.json, "client_secret")
	id := a.json["client_id"].(string)
	change := q{"client_id": one(id), "redirect_uri": one("http://127.0.0.1/cb"), "login_hint": one("alice")}
	as := map[string]any{"iss": id, "sub": id}
	signed := func(key clientKey) q {
		return with(asserting(key.sign("", assertionClaims(s, as)), nil), q{"grant_type": one("authorization_code"), "client_id": one(id), "redirect_uri": change["redirect_uri"]})
	}
	code := func() string { return s.get("/authorize?" + asking(change).Encode()).location(t).Query().Get("code") }
	s.issued(redeeming(code(), signed(key)))

	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	require.Contains(t, s.refused(401, "invalid_client", redeeming(code(), signed(clientKey{t, "k", jose.RS256, rsaKey}))), "registered for ES256")

	private, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.signer}}})
	require.NoError(t, err)
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	for name, row := range map[string]struct{ members, says string }{
		"a private key":     {`"jwks":` + string(private), "private or symmetric"},
		"a symmetric key":   {`"jwks":{"keys":[{"kty":"oct","k":"AAAA"}]}`, "private or symmetric"},
		"no keys":           {`"jwks":{"keys":[]}`, "no key that can verify"},
		"no set":            {`"jwks":"https://app.example/jwks"`, "no JSON Web Key Set"},
		"a short RSA key":   {`"jwks":` + (clientKey{t, "", jose.RS256, short}).set(), "2048 bits"},
		"a key to encrypt":  {`"jwks":{"keys":[{"use":"enc",` + key.set()[len(`{"keys":[{`):], "no key that can verify"},
		"off the curve":     {`"jwks":{"keys":[{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}]}`, "no key that can verify"},
		"both":              {`"jwks":` + key.set() + `,"jwks_uri":"https://app.example/jwks"`, "must not both be there"},
		"plain http":        {`"jwks_uri":"http://app.example/jwks"`, "must be an https URL"},
		"user information":  {`"jwks_uri":"https://a@app.example/jwks"`, "must be an https URL"},
		"unknown algorithm": {`"token_endpoint_auth_signing_alg":"HS256","jwks":` + key.set(), "must be one of ES256"},
	} {
		refused := s.register(`{"redirect_uris":["http://127.0.0.1/cb"],"token_endpoint_auth_method":"private_key_jwt",` + row.members + `}`)
		require.Contains(t, refused.isError(t, 400, "invalid_client_metadata"), row.says, name)
	}
	kinds := slices.Concat([]byte(`{"keys":[{"kty":"PQC","x":"A"},`), []byte(key.set())[len(`{"keys":[`):])
	ok := s.register(`{"redirect_uris":["http://127.0.0.1/cb"],"token_endpoint_auth_method":"private_key_jwt","jwks":` + string(kinds) + `}`)
	require.Equal(t, 201, ok.status, "RFC 7517 §5: unknown kinds are skipped: %s", ok.body)
}
