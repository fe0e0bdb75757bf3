package guard_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
)

func TestVerifyReadsTheIdentity(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	strict := is.guard(t)
	lax := is.guard(t, func(o *guard.Options) {
		o.TokenTypes = []string{"jwt", ""}
		o.ScopeClaims = []string{"scope", "scp"}
		o.ClientClaims = []string{"cid", "azp"}
		o.RolesClaim = []string{"realm_access", "roles"}
		o.Leeway = time.Minute
	})
	now := time.Now().Unix()
	base := guard.Identity{Issuer: issuerURL, Subject: "alice", ClientID: "inspector", Scopes: []string{"create:todos", "read:todos"},
		Roles: []string{"Admin"}, Expires: time.Unix(now+300, 0)}
	with := func(change func(*guard.Identity)) guard.Identity {
		id := base
		change(&id)
		return id
	}
	fixed := object{"exp": now + 300}
	dialect := object{"exp": now + 300, "client_id": nil, "azp": "inspector", "roles": nil, "realm_access": object{"roles": []string{"Admin"}}}
	for name, c := range map[string]struct {
		g     *guard.Guard
		token string
		want  guard.Identity
	}{
		"ES256":               {strict, sign(t, is.ec, header(), claims(fixed)), base},
		"RS256":               {strict, sign(t, rsaKey(), header(object{"alg": "RS256", "kid": "rsa"}), claims(fixed)), base},
		"typ in full, cased":  {strict, sign(t, is.ec, header(object{"typ": "Application/AT+JWT"}), claims(fixed)), base},
		"no kid, one key":     {strict, sign(t, is.ec, header(object{"kid": nil}), claims(fixed)), base},
		"aud as array":        {strict, sign(t, is.ec, header(), claims(fixed, object{"aud": []string{"x", resourceURL}})), base},
		"one role":            {strict, sign(t, is.ec, header(), claims(fixed, object{"roles": "Admin"})), base},
		"no roles":            {strict, sign(t, is.ec, header(), claims(fixed, object{"roles": nil})), with(func(id *guard.Identity) { id.Roles = nil })},
		"no scope":            {strict, sign(t, is.ec, header(), claims(fixed, object{"scope": nil})), with(func(id *guard.Identity) { id.Scopes = nil })},
		"empty scope":         {strict, sign(t, is.ec, header(), claims(fixed, object{"scope": ""})), with(func(id *guard.Identity) { id.Scopes = nil })},
		"escapes":             {strict, sign(t, is.ec, header(), claims(fixed, object{"x": json.RawMessage(`"\ud83d\ude00 \\ud800 \\\ud83d\ude00 \u00e9\n\\"`)})), base},
		"other claims":        {strict, sign(t, is.ec, header(), claims(fixed, object{"auth_time": now, "acr": "1", "sid": "s", "SCOPE": "delete:todos"})), base},
		"nbf now":             {strict, sign(t, is.ec, header(), claims(fixed, object{"nbf": now})), base},
		"fractional exp":      {strict, sign(t, is.ec, header(), claims(object{"exp": json.Number(fmt.Sprintf("%d.5", now+300))})), with(func(id *guard.Identity) { id.Expires = time.Unix(now+300, 5e8) })},
		"x5t in header":       {strict, sign(t, is.ec, header(object{"x5t": "abc"}), claims(fixed)), base},
		"dialect":             {lax, sign(t, is.ec, header(object{"typ": "JWT"}), claims(dialect)), base},
		"no iat, no jti":      {lax, sign(t, is.ec, header(object{"typ": "JWT"}), claims(dialect, object{"iat": nil, "jti": nil})), base},
		"dialect without typ": {lax, sign(t, is.ec, header(object{"typ": nil}), claims(dialect, object{"typ": "Bearer"})), base},
		"array of scopes": {lax, sign(t, is.ec, header(object{"typ": "JWT"}), claims(dialect, object{"scp": []string{"read:todos", "delete:todos"}})),
			with(func(id *guard.Identity) { id.Scopes = []string{"create:todos", "read:todos", "delete:todos"} })},
		"within the leeway": {lax, sign(t, is.ec, header(object{"typ": "JWT"}), claims(dialect, object{"iat": now + 8, "nbf": now + 8, "exp": now - 5})),
			with(func(id *guard.Identity) { id.Expires = time.Unix(now-5, 0) })},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id, err := c.g.Verify(t.Context(), c.token)
			require.NoError(t, err)
			require.Equal(t, c.want, id)
		})
	}
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	now := time.Now().Unix()
	payload := func(changes ...object) string { return sign(t, is.ec, header(), claims(changes...)) }
	head := func(changes ...object) string { return sign(t, is.ec, header(changes...), claims()) }
	text := func(h, p string) string { return sign(t, is.ec, h, p) }
	add := func(member string) string { return text(header(), strings.TrimSuffix(claims(), "}")+","+member+"}") }
	good := payload()
	parts := strings.Split(good, ".")
	raw, err := base64.RawURLEncoding.DecodeString(parts[2])
	require.NoError(t, err)
	hs := func() string {
		input := b64(header(object{"alg": "HS256"})) + "." + b64(claims())
		mac := hmac.New(sha256.New, is.ec.X.Bytes())
		mac.Write([]byte(input))
		return input + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}

	g := is.guard(t)
	for name, c := range map[string]struct{ token, want string }{
		"empty":                      {"", "three parts"},
		"two parts":                  {parts[0] + "." + parts[1], "three parts"},
		"four parts":                 {good + ".x", "three parts"},
		"JWE":                        {"a.b.c.d.e", "three parts"},
		"JSON serialisation":         {`{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`, "three parts"},
		"no signature":               {parts[0] + "." + parts[1] + ".", "signature is malformed"},
		"padding":                    {parts[0] + "=." + parts[1] + "." + parts[2], "header is malformed"},
		"line break":                 {parts[0] + "." + parts[1] + "\n." + parts[2], "claims are malformed"},
		"standard base64":            {parts[0] + "." + parts[1] + "." + base64.RawStdEncoding.EncodeToString([]byte("\xff\xef\xbe\xff")), "signature is malformed"},
		"stray bits":                 {parts[0] + "." + parts[1] + "." + parts[2][:85] + "B", "signature is malformed"},
		"too long":                   {payload(object{"x": strings.Repeat("x", 16<<10)}), "longer than"},
		"header no JSON":             {text("{", claims()), "header is malformed: not JSON"},
		"header null":                {text("null", claims()), "header is malformed"},
		"header deep":                {text(`{"alg":"ES256","kid":"ec","typ":"at+jwt","x":`+strings.Repeat("[", 5000)+strings.Repeat("]", 5000)+"}", claims()), "nested too deeply"},
		"header duplicate":           {text(`{"alg":"none","alg":"ES256","kid":"ec","typ":"at+jwt"}`, claims()), "occurs twice"},
		"header duplicate escaped":   {text(`{"alg":"none","\u0061lg":"ES256","kid":"ec","typ":"at+jwt"}`, claims()), "occurs twice"},
		"payload null":               {text(header(), "null"), "claims are malformed"},
		"payload array":              {text(header(), "[]"), "claims are malformed"},
		"payload string":             {text(header(), `"x"`), "claims are malformed"},
		"payload trailing":           {text(header(), claims()+"{}"), "not JSON"},
		"payload deep":               {add(`"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100)), "nested too deeply"},
		"payload not UTF-8":          {add("\"x\":\"\xff\""), "not UTF-8"},
		"half a pair in sub":         {text(header(), claims(object{"sub": json.RawMessage(`"alice\ud800"`)})), "half of a surrogate pair"},
		"half a pair, low":           {add(`"x":"\udc00\ud83d"`), "half of a surrogate pair"},
		"half a pair, twice high":    {add(`"x":["\ud83d\ud83d\ude00"]`), "half of a surrogate pair"},
		"half a pair in a name":      {add(`"\uD800":1`), "half of a surrogate pair"},
		"half a pair in the header":  {head(object{"x": json.RawMessage(`"\ud800"`)}), "half of a surrogate pair"},
		"duplicate aud":              {add(`"aud":"` + resourceURL + `"`), "occurs twice"},
		"duplicate nested":           {add(`"realm_access":{"roles":[],"roles":["Admin"]}`), "occurs twice"},
		"duplicate in array":         {add(`"x":[{"a":1,"a":2}]`), "occurs twice"},
		"alg none":                   {head(object{"alg": "none"}), "alg: want ES256 or RS256"},
		"alg missing":                {head(object{"alg": nil}), "alg: want"},
		"alg cased":                  {head(object{"alg": "es256"}), "alg: want"},
		"alg array":                  {head(object{"alg": []string{"ES256"}}), "alg: want"},
		"HMAC with the public key":   {hs(), "alg: want"},
		"alg not allowed":            {head(object{"alg": "ES384"}), "alg: want"},
		"alg of another key type":    {sign(t, rsaKey(), header(object{"alg": "RS256"}), claims()), "alg: no key"},
		"kid of another key type":    {head(object{"kid": "rsa"}), "alg: no key"},
		"kid number":                 {head(object{"kid": 1}), "kid: want a string"},
		"kid empty":                  {head(object{"kid": ""}), "kid: want a string"},
		"kid null":                   {head(object{"kid": null}), "kid: want a string"},
		"kid unknown":                {head(object{"kid": "../../ec"}), "no such key"},
		"crit":                       {head(object{"crit": []string{"b64"}, "b64": true}), "crit is not accepted"},
		"b64":                        {head(object{"b64": true}), "b64 is not accepted"},
		"jwk":                        {head(object{"jwk": object{}}), "jwk is not accepted"},
		"jku":                        {head(object{"jku": issuerURL}), "jku is not accepted"},
		"x5u":                        {head(object{"x5u": issuerURL}), "x5u is not accepted"},
		"x5c null":                   {head(object{"x5c": null}), "x5c is not accepted"},
		"zip":                        {head(object{"zip": "DEF"}), "zip is not accepted"},
		"enc":                        {head(object{"enc": "A128GCM"}), "enc is not accepted"},
		"nested":                     {head(object{"cty": "JWT"}), "no token inside"},
		"typ missing":                {head(object{"typ": nil}), "typ: want an access token (at+jwt)"},
		"typ JWT":                    {head(object{"typ": "JWT"}), "typ: want"},
		"typ of a logout token":      {head(object{"typ": "logout+jwt"}), "typ: want"},
		"typ of a refresh token":     {head(object{"typ": "rt+jwt"}), "typ: want"},
		"typ null":                   {head(object{"typ": null}), "typ: want a string"},
		"signature of another key":   {sign(t, newECKey(t), header(), claims()), "signature does not hold"},
		"signature of another token": {parts[0] + "." + b64(claims(object{"sub": "mallory"})) + "." + parts[2], "signature does not hold"},
		"signature of 63 bytes":      {parts[0] + "." + parts[1] + "." + base64.RawURLEncoding.EncodeToString(raw[:63]), "want 64 bytes"},
		"signature of 65 bytes":      {parts[0] + "." + parts[1] + "." + base64.RawURLEncoding.EncodeToString(append(raw[:64:64], 0)), "want 64 bytes"},
		"iss missing":                {payload(object{"iss": nil}), "iss: this server trusts " + issuerURL},
		"iss with a slash":           {payload(object{"iss": issuerURL + "/"}), "iss: this server trusts"},
		"iss cased":                  {payload(object{"iss": strings.ToUpper(issuerURL)}), "iss: this server trusts"},
		"iss array":                  {payload(object{"iss": []string{issuerURL}}), "iss: this server trusts"},
		"aud missing":                {payload(object{"aud": nil}), "aud: want " + resourceURL + ", the token has none"},
		"aud null":                   {payload(object{"aud": null}), "aud: want a string"},
		"aud empty array":            {payload(object{"aud": []string{}}), "audience: this server is " + resourceURL},
		"aud of another":             {payload(object{"aud": "http://localhost:3002/mcp"}), "audience: this server is"},
		"aud prefix":                 {payload(object{"aud": resourceURL + "/"}), "audience: this server is"},
		"aud in one string":          {payload(object{"aud": "x " + resourceURL}), "audience: this server is"},
		"aud mixed":                  {payload(object{"aud": []any{resourceURL, 1}}), "aud: want a string"},
		"aud with null":              {payload(object{"aud": []any{resourceURL, nil}}), "aud: want a string"},
		"aud object":                 {payload(object{"aud": object{resourceURL: true}}), "aud: want a string"},
		"aud in another case":        {payload(object{"aud": nil, "AUD": resourceURL}), "aud: want " + resourceURL + ", the token has none"},
		"exp missing":                {payload(object{"exp": nil}), "exp: want an expiry"},
		"exp in another case":        {payload(object{"exp": nil, "Exp": now + 300}), "exp: want an expiry"},
		"exp null":                   {payload(object{"exp": null}), "exp: want a number"},
		"exp string":                 {payload(object{"exp": fmt.Sprint(now + 300)}), "exp: want a number"},
		"exp boolean":                {payload(object{"exp": true}), "exp: want a number"},
		"exp negative":               {payload(object{"exp": -1}), "exp: want seconds"},
		"exp 2^64":                   {payload(object{"exp": json.Number("18446744073709551616")}), "exp: want seconds"},
		"exp 1e400":                  {payload(object{"exp": json.Number("1e400")}), "exp: want seconds"},
		"exp 1e20":                   {payload(object{"exp": json.Number("1e20")}), "exp: want seconds"},
		"exp just now":               {payload(object{"exp": now}), "the token has expired"},
		"exp passed":                 {payload(object{"exp": now - 300}), "the token has expired"},
		"nbf later":                  {payload(object{"nbf": now + 60}), "not valid yet"},
		"nbf string":                 {payload(object{"nbf": "0"}), "nbf: want a number"},
		"nbf null":                   {payload(object{"nbf": null}), "nbf: want a number"},
		"nbf 2^63":                   {payload(object{"nbf": json.Number("9223372036854775808")}), "nbf: want seconds"},
		"iat later":                  {payload(object{"iat": now + 60}), "issued in the future"},
		"iat missing":                {payload(object{"iat": nil}), "iat: want this claim in a token of typ at+jwt"},
		"jti missing":                {payload(object{"jti": nil}), "jti: want this claim in a token of typ at+jwt"},
		"iat string":                 {payload(object{"iat": "1"}), "iat: want a number"},
		"sub missing":                {payload(object{"sub": nil}), "sub: want a string"},
		"sub empty":                  {payload(object{"sub": ""}), "sub: want a string"},
		"sub number":                 {payload(object{"sub": 1}), "sub: want a string"},
		"jti number":                 {payload(object{"jti": 1}), "jti: want a string"},
		"client missing":             {payload(object{"client_id": nil}), "client: want the claim client_id"},
		"client by azp":              {payload(object{"client_id": nil, "azp": "inspector"}), "client: want the claim client_id"},
		"client number":              {payload(object{"client_id": 1}), "client_id: want a string"},
		"client empty":               {payload(object{"client_id": ""}), "client_id: want a string"},
		"scope array":                {payload(object{"scope": []string{"read:todos"}}), "scope: want a string"},
		"scope null":                 {payload(object{"scope": null}), "scope: want a string"},
		"scope number":               {payload(object{"scope": 1}), "scope: want a string"},
		"scope double space":         {payload(object{"scope": "a  b"}), "single spaces"},
		"scope leading space":        {payload(object{"scope": " a"}), "single spaces"},
		"scope trailing space":       {payload(object{"scope": "a "}), "single spaces"},
		"scope tab":                  {payload(object{"scope": "a\tread:todos"}), "single spaces"},
		"scope line break":           {payload(object{"scope": "a\nread:todos"}), "single spaces"},
		"scope no-break space":       {payload(object{"scope": "a\u00a0read:todos"}), "single spaces"},
		"roles object":               {payload(object{"roles": object{"Admin": true}}), "roles: want a string"},
		"roles mixed":                {payload(object{"roles": []any{"Admin", 1}}), "roles: want a string"},
		"ID token by nonce":          {payload(object{"nonce": "n"}), "an ID token"},
		"ID token by at_hash":        {payload(object{"at_hash": "h"}), "an ID token"},
		"logout token":               {payload(object{"events": object{"http://schemas.openid.net/event/backchannel-logout": object{}}}), "a logout or event token"},
		"bound to a key":             {payload(object{"cnf": object{"jkt": "x"}}), "bound to a key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id, err := g.Verify(t.Context(), c.token)
			var bad *guard.TokenError
			require.ErrorAs(t, err, &bad)
			require.Contains(t, bad.Description, c.want)
			require.Zero(t, id)
		})
	}
}

// Whatever typ values a profile allows, tokens of other kinds have other shapes.
func TestVerifyRefusesOtherKindsUnderALaxProfile(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	g := is.guard(t, func(o *guard.Options) {
		o.TokenTypes = []string{"jwt", "", "at+jwt"}
		o.ClientClaims = []string{"client_id", "azp"}
		o.Audience = "inspector"
	})
	for name, change := range map[string]object{
		"Keycloak ID token":        {"typ": "ID", "azp": "inspector"},
		"Keycloak refresh token":   {"typ": "Refresh"},
		"Keycloak offline token":   {"typ": "Offline"},
		"Keycloak logout token":    {"typ": "Logout"},
		"typ claim of no string":   {"typ": 1},
		"Cognito ID token":         {"token_use": "id"},
		"ID token with nonce":      {"nonce": "n"},
		"ID token with c_hash":     {"c_hash": "n"},
		"ID token with s_hash":     {"s_hash": "n"},
		"ID token with auth_time":  {"auth_time": time.Now().Unix(), "scope": nil},
		"security event token":     {"events": object{}},
		"logout token, null event": {"events": null},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, typ := range []any{"JWT", nil} {
				h := header(object{"typ": typ})
				_, err := g.Verify(t.Context(), sign(t, is.ec, h, claims(object{"aud": "inspector"})))
				require.NoError(t, err, "the token without the change is good")
				_, err = g.Verify(t.Context(), sign(t, is.ec, h, claims(object{"aud": "inspector"}, change)))
				require.ErrorContains(t, err, "want an access token")
			}
		})
	}
}

func TestTimesToTheInstant(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // the clock stands still, at a whole second
		is := newIssuer(t)
		now := time.Now().Unix()
		for name, c := range map[string]struct {
			leeway time.Duration
			claims object
			ok     bool
		}{
			"exp next":            {0, object{"exp": now + 1}, true},
			"exp now":             {0, object{"exp": now}, false},
			"exp within leeway":   {5 * time.Second, object{"exp": now - 4}, true},
			"exp at leeway's end": {5 * time.Second, object{"exp": now - 5}, false},
			"nbf now":             {0, object{"nbf": now}, true},
			"nbf next":            {0, object{"nbf": now + 1}, false},
			"nbf within leeway":   {5 * time.Second, object{"nbf": now + 5}, true},
			"nbf beyond leeway":   {5 * time.Second, object{"nbf": now + 6}, false},
			"iat next":            {0, object{"iat": now + 1}, false},
			"iat within leeway":   {5 * time.Second, object{"iat": now + 5}, true},
		} {
			g := is.guard(t, func(o *guard.Options) { o.Leeway = c.leeway })
			_, err := g.Verify(t.Context(), is.token(t, c.claims))
			require.Equal(t, c.ok, err == nil, name)
		}
	})
}

func TestEveryAllowedAlgorithmVerifies(t *testing.T) {
	t.Parallel()
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	curve := func(c elliptic.Curve) crypto.Signer {
		key, err := ecdsa.GenerateKey(c, rand.Reader)
		require.NoError(t, err)
		return key
	}
	signers := map[jose.SignatureAlgorithm]crypto.Signer{
		jose.ES256: curve(elliptic.P256()), jose.ES384: curve(elliptic.P384()), jose.ES512: curve(elliptic.P521()), jose.EdDSA: ed,
		jose.RS256: rsaKey(), jose.RS384: rsaKey(), jose.RS512: rsaKey(), jose.PS256: rsaKey(), jose.PS384: rsaKey(), jose.PS512: rsaKey(),
	}
	is := &issuer{}
	var keys []json.RawMessage
	var names []string
	for alg, key := range signers {
		names = append(names, string(alg))
		keys = append(keys, jwk(t, string(alg), "", key.Public()))
	}
	is.publish(t, keys...)
	g := is.guard(t, func(o *guard.Options) { o.Algorithms = names })
	for alg, key := range signers {
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: key, KeyID: string(alg)}},
			(&jose.SignerOptions{}).WithType("at+jwt"))
		require.NoError(t, err)
		signed, err := signer.Sign([]byte(claims()))
		require.NoError(t, err)
		compact, err := signed.CompactSerialize()
		require.NoError(t, err)
		id, err := g.Verify(t.Context(), compact)
		require.NoError(t, err, alg)
		require.True(t, id.HasScope("read:todos"))
		require.False(t, id.HasScope("read:todos "))
		_, err = g.Verify(t.Context(), sign(t, newECKey(t), header(object{"kid": string(alg)}), claims()))
		require.Error(t, err, "a key of another kind holds for no ES256 signature")
	}
}

// The description may hold nothing of the token that an attacker could use to write headers or logs.
func TestRefusalsNeverQuoteTheToken(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	g := is.guard(t)
	const marker = "SECRETMARKER"
	for _, token := range []string{
		marker, marker + "." + marker + "." + marker,
		sign(t, is.ec, `{"`+marker, claims()),
		sign(t, is.ec, header(), marker),
		sign(t, is.ec, header(object{"alg": marker}), claims()),
		sign(t, is.ec, header(object{"kid": marker}), claims()),
		sign(t, is.ec, header(object{"typ": marker}), claims()),
		sign(t, is.ec, header(), claims(object{"iss": marker})),
		sign(t, is.ec, header(), claims(object{"aud": marker})),
		sign(t, is.ec, header(), claims(object{"scope": marker + "  "})),
		sign(t, is.ec, header(), claims(object{"exp": marker})),
	} {
		_, err := g.Verify(t.Context(), token)
		require.Error(t, err)
		require.NotContains(t, err.Error(), marker)
	}
}
