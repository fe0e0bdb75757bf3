package guard_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
)

func TestNewRefusesSettingsThatContradictThemselves(t *testing.T) {
	t.Parallel()
	client := guard.Introspection{ClientID: "todo-mcp", Secret: "s"}
	requireRefused(t, map[string]wrongOptions{
		"unknown verify":           {func(o *guard.Options) { o.Verify = "keys" }, `verify: want jwks`},
		"introspection, no client": {func(o *guard.Options) { o.Verify = guard.VerifyIntrospection }, "want a client id and a secret"},
		"either, no secret":        {func(o *guard.Options) { o.Verify, o.Introspection.ClientID = guard.VerifyEither, "x" }, "want a client id and a secret"},
		"introspection auth": {func(o *guard.Options) {
			o.Verify, o.Introspection = guard.VerifyEither, client
			o.Introspection.Auth = "none"
		}, "introspection auth: want basic or post"},
		"introspection URL":        {func(o *guard.Options) { o.Introspection.URL = "x" }, "introspection URL: want an absolute"},
		"userinfo URL":             {func(o *guard.Options) { o.Userinfo.URL = "x" }, "userinfo URL: want an absolute"},
		"userinfo and an audience": {func(o *guard.Options) { o.Verify = guard.VerifyUserinfo }, "audience mode: want unbound with verify userinfo"},
		"userinfo and a client": {func(o *guard.Options) {
			o.Verify, o.AudienceMode, o.BoundClients = guard.VerifyUserinfo, guard.AudienceUnbound, []string{"x"}
		}, "names neither audience, client nor scope"},
		"unbound without userinfo":  {func(o *guard.Options) { o.AudienceMode = guard.AudienceUnbound }, "audience mode: unbound is for verify userinfo only"},
		"client_id without clients": {func(o *guard.Options) { o.AudienceMode = guard.AudienceClientID }, "want bound clients"},
		"absent and nothing bound":  {func(o *guard.Options) { o.AudienceMode = guard.AudienceAbsent }, "want bound clients or a bound scope prefix"},
		"unknown audience mode":     {func(o *guard.Options) { o.AudienceMode = "any" }, `audience mode: want contains`},
		"recheck":                   {func(o *guard.Options) { o.RecheckAfter = time.Hour }, "recheck after: want up to 5m0s"},
		"scope name":                {func(o *guard.Options) { o.ScopeNames = map[string]string{"a": "b c"} }, `scope names: want scopes without spaces`},
		"scope name empty":          {func(o *guard.Options) { o.ScopePrefix, o.ScopeNames = "x/", map[string]string{"a": ""} }, `scope names: want scopes`},
		"roles effect":              {func(o *guard.Options) { o.RolesEffect = "deny" }, "roles effect: want grant or limit"},
		"limit without scopes":      {func(o *guard.Options) { o.RolesEffect = guard.RolesLimit }, "roles effect limit: want scopes of roles"},
		"scope of a role":           {func(o *guard.Options) { o.RolesToScopes = map[string][]string{"a": {"b c"}} }, `got "b c"`},
		"scope of everybody":        {func(o *guard.Options) { o.Userinfo.Scopes = []string{""} }, `got ""`},
	})
}

// Each setting of a dialect, with what it lets through and what it still refuses.
func TestDialectSettings(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	jwt := func(s *guard.Settings) { s.TokenTypes = []string{"at+jwt", "jwt"} }
	for name, c := range map[string]struct {
		settings func(*guard.Settings)
		typ      string
		claims   object
		scopes   []string // of the identity
		want     string   // refused with this
	}{
		"issuer_alt":          {func(s *guard.Settings) { s.IssuerAlt = []string{"https://old.example"} }, "at+jwt", object{"iss": "https://old.example"}, []string{"create:todos", "read:todos"}, ""},
		"issuer_alt, another": {func(s *guard.Settings) { s.IssuerAlt = []string{"https://old.example"} }, "at+jwt", object{"iss": "https://old.example/"}, nil, "iss: this server trusts"},
		"audience_alt":        {func(s *guard.Settings) { s.AudienceAlt = []string{"todo"} }, "at+jwt", object{"aud": []string{"x", "todo"}}, []string{"create:todos", "read:todos"}, ""},
		"exact, alone":        {func(s *guard.Settings) { s.AudienceMode = guard.AudienceExact }, "at+jwt", object{"aud": []string{resourceURL}}, []string{"create:todos", "read:todos"}, ""},
		"exact, with another": {func(s *guard.Settings) { s.AudienceMode = guard.AudienceExact }, "at+jwt", object{"aud": []string{resourceURL, "x"}}, nil, "want no other beside it"},
		"exact, another":      {func(s *guard.Settings) { s.AudienceMode = guard.AudienceExact }, "at+jwt", object{"aud": "x"}, nil, "want no other beside it"},
		"client_id": {func(s *guard.Settings) {
			s.AudienceMode, s.BoundClients = guard.AudienceClientID, []string{"inspector"}
		}, "at+jwt", object{"aud": "inspector"}, []string{"create:todos", "read:todos"}, ""},
		"client_id of another client": {func(s *guard.Settings) {
			s.AudienceMode, s.BoundClients = guard.AudienceClientID, []string{"inspector"}
		}, "at+jwt", object{"aud": "other", "client_id": "other"}, nil, "client: the token was issued to"},
		"client_id, aud of another": {func(s *guard.Settings) {
			s.AudienceMode, s.BoundClients = guard.AudienceClientID, []string{"inspector", "b"}
		}, "at+jwt", object{"aud": "b"}, nil, "audience: want the client"},
		"client_id, aud the resource": {func(s *guard.Settings) {
			s.AudienceMode, s.BoundClients = guard.AudienceClientID, []string{"inspector"}
		}, "at+jwt", nil, nil, "audience: want the client"},
		"absent, bound by client":        {func(s *guard.Settings) { s.AudienceMode, s.BoundClients = guard.AudienceAbsent, []string{"inspector"} }, "at+jwt", object{"aud": nil}, []string{"create:todos", "read:todos"}, ""},
		"absent, another client":         {func(s *guard.Settings) { s.AudienceMode, s.BoundClients = guard.AudienceAbsent, []string{"other"} }, "at+jwt", object{"aud": nil}, nil, "client: the token was issued to"},
		"absent, bound by scope":         {func(s *guard.Settings) { s.AudienceMode, s.BoundScopePrefix = guard.AudienceAbsent, "todo/" }, "at+jwt", object{"aud": nil, "scope": "x todo/a"}, []string{"x", "todo/a"}, ""},
		"absent, no such scope":          {func(s *guard.Settings) { s.AudienceMode, s.BoundScopePrefix = guard.AudienceAbsent, "todo/" }, "at+jwt", object{"aud": nil, "scope": "x xtodo/a"}, nil, "scope: want one of this server's"},
		"absent, but another's":          {func(s *guard.Settings) { s.AudienceMode, s.BoundClients = guard.AudienceAbsent, []string{"inspector"} }, "at+jwt", object{"aud": "x"}, nil, "audience: this server is"},
		"absent, but null":               {func(s *guard.Settings) { s.AudienceMode, s.BoundClients = guard.AudienceAbsent, []string{"inspector"} }, "at+jwt", object{"aud": null}, nil, "aud: want"},
		"absent, but empty":              {func(s *guard.Settings) { s.AudienceMode, s.BoundClients = guard.AudienceAbsent, []string{"inspector"} }, "at+jwt", object{"aud": []string{}}, nil, "audience: this server is"},
		"scope as array":                 {func(s *guard.Settings) { s.ScopeArray = true }, "at+jwt", object{"scope": []string{"a", "b"}}, []string{"a", "b"}, ""},
		"scope as array, spaces":         {func(s *guard.Settings) { s.ScopeArray = true }, "at+jwt", object{"scope": []string{"a b"}}, nil, "single spaces"},
		"scope as array, mixed":          {func(s *guard.Settings) { s.ScopeArray = true }, "at+jwt", object{"scope": []any{"a", 1}}, nil, "want a string or an array"},
		"scope names":                    {func(s *guard.Settings) { s.ScopeNames = map[string]string{"read:todos": "read_todos"} }, "at+jwt", object{"scope": "read_todos x"}, []string{"read:todos", "x"}, ""},
		"our name where theirs is other": {func(s *guard.Settings) { s.ScopeNames = map[string]string{"read:todos": "read_todos"} }, "at+jwt", object{"scope": "read:todos x"}, []string{"x"}, ""},
		"one of theirs, two of ours":     {func(s *guard.Settings) { s.ScopeNames = map[string]string{"read:todos": "all", "delete:todos": "all"} }, "at+jwt", object{"scope": "all"}, []string{"delete:todos", "read:todos"}, ""},
		"scope prefix is not in tokens":  {func(s *guard.Settings) { s.ScopePrefix, s.ScopeNames = "api/", map[string]string{"read:todos": "r"} }, "at+jwt", object{"scope": "api/r"}, []string{"api/r"}, ""},
		"roles grant": {func(s *guard.Settings) {
			s.RolesToScopes = map[string][]string{"Admin": {"delete:todos", "read:todos"}}
		}, "at+jwt", nil, []string{"create:todos", "read:todos", "delete:todos"}, ""},
		"roles grant, another role": {func(s *guard.Settings) { s.RolesToScopes = map[string][]string{"admin": {"delete:todos"}} }, "at+jwt", nil, []string{"create:todos", "read:todos"}, ""},
		"roles limit": {func(s *guard.Settings) {
			s.RolesToScopes, s.RolesEffect = map[string][]string{"Admin": {"create:todos"}, "Root": {"read:todos"}}, guard.RolesLimit
		}, "at+jwt", object{"scope": "create:todos read:todos x"}, []string{"create:todos", "x"}, ""},
		"roles limit, no role": {func(s *guard.Settings) {
			s.RolesToScopes, s.RolesEffect = map[string][]string{"Admin": {"create:todos"}}, guard.RolesLimit
		}, "at+jwt", object{"roles": nil}, []string{"read:todos"}, ""},
		"roles limit adds nothing": {func(s *guard.Settings) {
			s.RolesToScopes, s.RolesEffect = map[string][]string{"Admin": {"delete:todos"}}, guard.RolesLimit
		}, "at+jwt", nil, []string{"create:todos", "read:todos"}, ""},
		"roles as keys":                   {func(s *guard.Settings) { s.RolesAreKeys, s.RolesToScopes = true, map[string][]string{"b": {"of:b"}} }, "at+jwt", object{"roles": object{"b": object{"org": "x"}, "a": false}}, []string{"create:todos", "read:todos", "of:b"}, ""},
		"roles as keys, or a list":        {func(s *guard.Settings) { s.RolesAreKeys = true }, "at+jwt", nil, []string{"create:todos", "read:todos"}, ""},
		"typ jwt with a scope claim":      {jwt, "JWT", nil, []string{"create:todos", "read:todos"}, ""},
		"typ jwt, empty scope":            {jwt, "JWT", object{"scope": ""}, nil, ""},
		"typ jwt without":                 {jwt, "JWT", object{"scope": nil}, nil, "may be an ID token"},
		"at+jwt without":                  {jwt, "at+jwt", object{"scope": nil}, nil, ""},
		"required, as it is":              {func(s *guard.Settings) { jwt(s); s.RequiredClaims = map[string]string{"token_use": "access"} }, "JWT", object{"token_use": "access", "scope": nil}, nil, ""},
		"required, another":               {func(s *guard.Settings) { jwt(s); s.RequiredClaims = map[string]string{"ver": "2"} }, "JWT", object{"ver": "1"}, nil, "claim ver is not as in"},
		"required, another case":          {func(s *guard.Settings) { jwt(s); s.RequiredClaims = map[string]string{"typ": "Bearer"} }, "JWT", object{"typ": "bearer"}, nil, "claim typ is not as in"},
		"required, a number":              {func(s *guard.Settings) { jwt(s); s.RequiredClaims = map[string]string{"ver": "2"} }, "JWT", object{"ver": 2}, nil, "claim ver is not as in"},
		"required, missing":               {func(s *guard.Settings) { jwt(s); s.RequiredClaims = map[string]string{"typ": "Bearer"} }, "JWT", nil, nil, "claim typ is not as in"},
		"required, any":                   {func(s *guard.Settings) { jwt(s); s.RequiredClaims = map[string]string{"scp": ""} }, "JWT", object{"scp": []string{}}, []string{"create:todos", "read:todos"}, ""},
		"required, not of an RFC 9068":    {func(s *guard.Settings) { jwt(s); s.RequiredClaims = map[string]string{"typ": "Bearer"} }, "at+jwt", nil, []string{"create:todos", "read:todos"}, ""},
		"required, never lifts the rules": {func(s *guard.Settings) { jwt(s); s.RequiredClaims = map[string]string{"sub": ""} }, "JWT", object{"nonce": "n"}, nil, "an ID token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := is.guard(t, func(o *guard.Options) { c.settings(&o.Settings) })
			token := sign(t, is.ec, header(object{"typ": c.typ}), claims(c.claims))
			for range 2 { // the second time from memory
				id, err := g.Verify(t.Context(), token)
				if c.want != "" {
					require.ErrorContains(t, err, c.want)
					continue
				}
				require.NoError(t, err)
				require.Equal(t, c.scopes, id.Scopes)
				require.Equal(t, issuerURL, id.Issuer, "people are the same whichever iss their token has")
			}
		})
	}
}

func TestChallengesAndMetadataNameScopesAsClientsAskForThem(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	g := is.guard(t, func(o *guard.Options) {
		o.ScopePrefix = "api://todo/"
		o.ScopeNames = map[string]string{"create:todos": "create", "read:todos": "rw", "delete:todos": "rw"}
		o.Authorize = func(_ context.Context, _ guard.Identity, call guard.Call) *guard.Denial {
			return &guard.Denial{Scopes: []string{"read:todos", "delete:todos", "other"}}
		}
	})
	w := serve(g.Protect(ok), request(ping))
	require.Contains(t, w.Header().Get("WWW-Authenticate"), `, scope="api://todo/create api://todo/rw"`)
	w = serve(g.Metadata(), request("", method("GET")))
	require.Contains(t, w.Body.String(), `"scopes_supported":["api://todo/create","api://todo/rw"]`)
	w = serve(g.Protect(ok), request(ping, set("Authorization", "Bearer "+is.token(t))))
	require.Contains(t, w.Header().Get("WWW-Authenticate"), `, scope="api://todo/rw other"`)
	require.Contains(t, requireRefusal(t, w, 403, -32089, `"p<1>"`), "this operation needs: api://todo/rw other")
}

func TestMetadataByHand(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	inside := is.guard(t, func(o *guard.Options) {
		o.Issuer, o.MetadataURL, o.MetadataIssuer = "https://outside.example", issuerURL+"/.well-known/oauth-authorization-server", issuerURL
	})
	_, err := inside.Verify(t.Context(), is.token(t, object{"iss": "https://outside.example"}))
	require.NoError(t, err, "the document may name another issuer if the settings say so")
	_, err = inside.Verify(t.Context(), is.token(t))
	require.ErrorContains(t, err, "iss: this server trusts https://outside.example")
	require.NoError(t, inside.Ready(t.Context()))
}
