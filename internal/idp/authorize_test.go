package idp_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

func TestARequestThatTheClientGotWrongIsAnsweredByRedirect(t *testing.T) {
	t.Parallel()
	s := configured(t, func(c *mockidp.Config) {
		c.Clients = append(c.Clients,
			mockidp.Client{ID: "no-code", AuthMethod: "none", RedirectURIs: []string{callback}, GrantTypes: []string{"refresh_token"}},
			mockidp.Client{ID: "narrow", AuthMethod: "none", RedirectURIs: []string{callback}, GrantTypes: []string{"authorization_code"}, Scopes: []string{"create:todos"}})
		c.Resources = append(c.Resources, mockidp.Resource{URI: "https://other.example/mcp", Scopes: []string{"other:read"}})
	})
	for name, row := range map[string]struct {
		change q
		code   string
		says   string // part of the description: what to change
		rfc    string
	}{
		"no response_type":          {q{"response_type": nil}, "invalid_request", "response_type is missing", "RFC 6749 §4.1.2.1"},
		"empty response_type":       {q{"response_type": one("")}, "invalid_request", "response_type is missing", "RFC 6749 §3.1: empty is omitted"},
		"implicit":                  {q{"response_type": one("token")}, "unsupported_response_type", "response_type=code", "OAuth 2.1 §10.1"},
		"hybrid":                    {q{"response_type": one("code id_token")}, "unsupported_response_type", "response_type=code", "RFC 6749 §4.1.2.1"},
		"case of code":              {q{"response_type": one("CODE")}, "unsupported_response_type", "response_type=code", "RFC 6749 §4.1.1"},
		"response_mode fragment":    {q{"response_mode": one("fragment")}, "invalid_request", "want query", "OAuth 2.0 Multiple Response Types §2.1"},
		"response_mode of a JWT":    {q{"response_mode": one("query.jwt")}, "invalid_request", "want query or form_post", "JARM is not there"},
		"client without code grant": {q{"client_id": one("no-code")}, "unauthorized_client", "authorization_code", "RFC 6749 §4.1.2.1"},

		"no PKCE":              {q{"code_challenge": nil, "code_challenge_method": nil}, "invalid_request", "code_challenge is missing", "RFC 7636 §4.4.1"},
		"no method is plain":   {q{"code_challenge_method": nil}, "invalid_request", "must be S256", "RFC 7636 §4.3"},
		"plain":                {q{"code_challenge_method": one("plain")}, "invalid_request", "must be S256", "RFC 7636 §4.4.1"},
		"method in lower case": {q{"code_challenge_method": one("s256")}, "invalid_request", "must be S256", "RFC 7636 §4.3"},
		"method alone":         {q{"code_challenge": nil}, "invalid_request", "code_challenge is missing", "RFC 7636 §4.3"},
		"challenge too short":  {q{"code_challenge": one(challenge[1:])}, "invalid_request", "43 base64url", "RFC 7636 §4.2"},
		"challenge too long":   {q{"code_challenge": one(challenge + "A")}, "invalid_request", "43 base64url", "RFC 7636 §4.2"},
		"challenge padded":     {q{"code_challenge": one(challenge[:42] + "=")}, "invalid_request", "without padding", "RFC 7636 appendix A"},
		"challenge not url":    {q{"code_challenge": one(challenge[:42] + "+")}, "invalid_request", "base64url", "RFC 7636 §4.2"},
		"challenge and newline": {q{"code_challenge": one(challenge + "\n")}, "invalid_request", "base64url",
			"RFC 7636 §4.2"},

		"prompt=none":            {q{"prompt": one("none")}, "login_required", "--auto-login", "OpenID Connect Core §3.1.2.6"},
		"prompt=none with hint":  {q{"prompt": one("none"), "login_hint": one("alice")}, "login_required", "no session", "OpenID Connect Core §3.1.2.6"},
		"prompt=none and others": {q{"prompt": one("none login")}, "invalid_request", "stands alone", "OpenID Connect Core §3.1.2.1"},
		"prompt unknown":         {q{"prompt": one("create")}, "invalid_request", "select_account", "OpenID Connect Core §3.1.2.1"},
		"max_age no number":      {q{"max_age": one("soon")}, "invalid_request", "number of seconds", "OpenID Connect Core §3.1.2.1"},
		"max_age negative":       {q{"max_age": one("-1")}, "invalid_request", "number of seconds", "OpenID Connect Core §3.1.2.1"},
		"request object":         {q{"request": one("e30.e30.")}, "request_not_supported", "plain parameters", "OpenID Connect Core §6"},
		"request_uri":            {q{"request_uri": one("https://evil.example/r")}, "request_uri_not_supported", "plain parameters", "OpenID Connect Core §6"},
		"registration":           {q{"registration": one("{}")}, "registration_not_supported", "/register", "OpenID Connect Core §7.2.1"},

		"scope unknown":               {q{"scope": one("create:todos admin:todos")}, "invalid_scope", "admin:todos is not known", "RFC 6749 §4.1.2.1"},
		"scope of another case":       {q{"scope": one("Create:Todos")}, "invalid_scope", "is not known", "RFC 6749 §3.3"},
		"scope with two blanks":       {q{"scope": one("create:todos  read:todos")}, "invalid_scope", "malformed", "RFC 6749 §3.3"},
		"scope with a blank before":   {q{"scope": one(" create:todos")}, "invalid_scope", "malformed", "RFC 6749 §3.3"},
		"scope with a tab":            {q{"scope": one("create:todos\tread:todos")}, "invalid_scope", "malformed", "RFC 6749 §3.3"},
		"scope with commas":           {q{"scope": one("create:todos,read:todos")}, "invalid_scope", "is not known", "RFC 6749 §3.3"},
		"scope with quotes":           {q{"scope": one(`"create:todos"`)}, "invalid_scope", "malformed", "RFC 6749 §3.3"},
		"scope beyond ASCII":          {q{"scope": one("créate")}, "invalid_scope", "malformed", "RFC 6749 §3.3"},
		"scope without end":           {q{"scope": one(strings.Repeat("x", 12000))}, "invalid_scope", "...", "RFC 6749 §4.1.2.1"},
		"scope of another resource":   {q{"scope": one("other:read")}, "invalid_scope", "another resource", "RFC 8707 §2.1"},
		"scope beyond the client":     {q{"client_id": one("narrow"), "scope": one("create:todos read:todos")}, "invalid_scope", "configured for: create:todos", "RFC 6749 §3.3"},
		"resource unknown":            {q{"resource": one("https://evil.example/mcp")}, "invalid_target", "known are " + todos, "RFC 8707 §2"},
		"resource with a slash":       {q{"resource": one(todos + "/")}, "invalid_target", "trailing slash", "RFC 8707 §2"},
		"resource with a fragment":    {q{"resource": one(todos + "#x")}, "invalid_target", "not known", "RFC 8707 §2"},
		"resource with a query":       {q{"resource": one(todos + "?x=1")}, "invalid_target", "not known", "RFC 8707 §2"},
		"resource in another case":    {q{"resource": one("http://LOCALHOST:3001/mcp")}, "invalid_target", "not known", "RFC 8707 §2"},
		"resource relative":           {q{"resource": one("/mcp")}, "invalid_target", "not known", "RFC 8707 §2"},
		"resource prefix":             {q{"resource": one("http://localhost:3001")}, "invalid_target", "not known", "RFC 8707 §2"},
		"one resource of two unknown": {q{"resource": {todos, "https://evil.example"}}, "invalid_target", "evil.example", "RFC 8707 §2"},

		"scope twice":            {q{"scope": {"create:todos", "create:todos"}}, "invalid_request", "scope is repeated", "RFC 6749 §3.1"},
		"response_type twice":    {q{"response_type": {"code", "code"}}, "invalid_request", "response_type is repeated", "RFC 6749 §3.1"},
		"response_mode twice":    {q{"response_mode": {"query", "query"}}, "invalid_request", "response_mode is repeated", "RFC 6749 §3.1"},
		"challenge twice":        {q{"code_challenge": {challenge, challenge}}, "invalid_request", "code_challenge is repeated", "RFC 6749 §3.1"},
		"method twice":           {q{"code_challenge_method": {"S256", "plain"}}, "invalid_request", "code_challenge_method is repeated", "RFC 6749 §3.1"},
		"nonce twice":            {q{"nonce": {"a", "b"}}, "invalid_request", "nonce is repeated", "RFC 6749 §3.1"},
		"prompt twice":           {q{"prompt": {"login", "consent"}}, "invalid_request", "prompt is repeated", "RFC 6749 §3.1"},
		"login_hint twice":       {q{"login_hint": {"alice", "bob"}}, "invalid_request", "login_hint is repeated", "RFC 6749 §3.1"},
		"max_age twice":          {q{"max_age": {"1", "2"}}, "invalid_request", "max_age is repeated", "RFC 6749 §3.1"},
		"audience twice":         {q{"audience": {"a", "b"}}, "invalid_request", "audience is repeated", "RFC 6749 §3.1: it is resource that may"},
		"unknown twice":          {q{"x\"\\é": {"1", "2"}}, "invalid_request", "is repeated", "RFC 6749 §3.1"},
		"several faults, one is": {q{"a": {"1", "2"}, "b": {"1", "2"}, "z": {"1", "2"}}, "invalid_request", "parameter a ", "always the same one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := server{s.Server, t}
			request := asking(row.change)
			back := s.get("/authorize?" + request.Encode()).location(t)
			require.Equal(t, callback, strings.SplitN(back.String(), "?", 2)[0], row.rfc)
			query := back.Query()
			require.Equal(t, one(row.code), query["error"], row.rfc)
			require.Equal(t, one("a-state"), query["state"], "RFC 6749 §4.1.2.1")
			require.Equal(t, one(s.Issuer()), query["iss"], "RFC 9207 §2")
			require.Len(t, query["error_description"], 1)
			requireDescription(t, query.Get("error_description"))
			require.Contains(t, query.Get("error_description"), row.says)
			require.NotContains(t, query, "code")
			require.Len(t, query, 4)

			posted := s.form("/authorize", request).location(t)
			require.Equal(t, query, posted.Query(), "OpenID Connect Core §3.1.2.1: GET and POST alike")
		})
	}
}

func TestNothingIsRedirectedToAnAddressThatIsNotTheClients(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	for name, row := range map[string]struct {
		change q
		says   string
		rfc    string
	}{
		"no client_id":          {q{"client_id": nil}, "has no client_id", "RFC 6749 §4.1.2.1"},
		"empty client_id":       {q{"client_id": one("")}, "has no client_id", "RFC 6749 §3.1"},
		"unknown client":        {q{"client_id": one("client-gone")}, "if it was restarted", "RFC 6749 §4.1.2.1"},
		"client_id twice":       {q{"client_id": {"mcp-inspector", "mcp-client"}}, "client_id stands in the request more than once", "RFC 6749 §3.1"},
		"no redirect_uri":       {q{"redirect_uri": nil}, "has no redirect_uri", "RFC 6749 §3.1.2.3: three are registered"},
		"redirect_uri twice":    {q{"redirect_uri": {callback, "https://evil.example/"}}, "redirect_uri stands in the request more than once", "RFC 6749 §3.1"},
		"unknown redirect_uri":  {q{"redirect_uri": one("https://evil.example/cb")}, "did not register", "RFC 6749 §4.1.2.1"},
		"client without any":    {q{"client_id": one("todo-mcp")}, "did not register", "RFC 6749 §3.1.2.2"},
		"javascript":            {q{"redirect_uri": one("javascript:alert(1)")}, "did not register", "RFC 9700 §4.1.3"},
		"other faults too":      {q{"redirect_uri": one("https://evil.example/cb"), "response_type": one("token"), "scope": {"a", "b"}}, "did not register", "RFC 6749 §4.1.2.1"},
		"html in the client_id": {q{"client_id": one("<script>alert(1)</script>")}, "not known here", "RFC 6749 §4.1.2.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := server{s.Server, t}
			request := asking(row.change)
			for _, a := range []answer{s.get("/authorize?" + request.Encode()), s.form("/authorize", request)} {
				require.Equal(t, 400, a.status, row.rfc)
				require.Empty(t, a.header.Get("Location"))
				require.Contains(t, a.header.Get("Content-Type"), "text/html")
				require.Contains(t, a.body, row.says)
				require.NotContains(t, a.body, "<script>")
				require.NotContains(t, a.body, `href="https://evil`)
			}
		})
	}
}

func TestAnUnreadableAuthorizationRequestGetsAPage(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{})
	good := asking(nil).Encode()
	for name, row := range map[string]struct {
		a      answer
		status int
		says   string
	}{
		"bad escape":           {s.get("/authorize?client_id=%zz"), 400, "percent escape"},
		"semicolon":            {s.get("/authorize?client_id=a;b=c"), 400, "semicolon"},
		"POST with a query":    {s.form("/authorize?client_id=mcp-inspector", asking(nil)), 400, "none in the query"},
		"POST of JSON":         {s.send("POST", "/authorize", "{}", "Content-Type", "application/json"), 400, "x-www-form-urlencoded"},
		"POST without a type":  {s.send("POST", "/authorize", good), 400, "x-www-form-urlencoded"},
		"POST without end":     {s.form("/authorize", asking(q{"state": one(strings.Repeat("s", 70<<10))})), 413, "longer than 64 KiB"},
		"POST of too much":     {s.form("/authorize", asking(q{"state": one(strings.Repeat("s", 20<<10))})), 413, "longer than 16 KiB"},
		"a HEAD is as the GET": {s.send("HEAD", "/authorize?client_id=%zz", ""), 400, ""},
	} {
		require.Equal(t, row.status, row.a.status, name)
		require.Contains(t, row.a.body, row.says, name)
	}
	put := s.send("PUT", "/authorize?"+good, "")
	require.Equal(t, 405, put.status)
	require.Equal(t, "GET, HEAD, POST", put.header.Get("Allow"))
}

func TestStateIsOptionalAndRepeatedAsItWas(t *testing.T) {
	t.Parallel()
	s := start(t, mockidp.Options{AutoLogin: true})
	for name, row := range map[string]struct{ sent, back []string }{
		"absent":       {nil, nil},
		"empty":        {one(""), nil}, // RFC 6749 §3.1: without a value is omitted
		"short":        {one("x"), one("x")},
		"odd":          {one("a b&c=d#é\"%\\+"), one("a b&c=d#é\"%\\+")},
		"long":         {one(strings.Repeat("s", 4096)), one(strings.Repeat("s", 4096))},
		"with an = in": {one("=&="), one("=&=")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := server{s.Server, t}
			success := s.get("/authorize?" + asking(q{"state": row.sent, "login_hint": one("alice")}).Encode()).location(t).Query()
			require.Equal(t, row.back, success["state"])
			require.Equal(t, one(s.Issuer()), success["iss"])
			require.Len(t, success["code"], 1)
			failure := s.get("/authorize?" + asking(q{"state": row.sent, "response_type": nil}).Encode()).location(t).Query()
			require.Equal(t, row.back, failure["state"])
		})
	}
	twice := s.get("/authorize?" + asking(q{"state": {"a", "b"}}).Encode()).location(t).Query()
	require.Equal(t, one("invalid_request"), twice["error"])
	require.NotContains(t, twice, "state", "which of two is not ours to choose")
}

func TestTheOnlyRegisteredRedirectURINeedNotBeNamed(t *testing.T) {
	t.Parallel()
	const only = "https://app.example/cb?tenant=1"
	config := mockidp.DefaultConfig()
	config.Clients = append(config.Clients, mockidp.Client{ID: "one", AuthMethod: "none", RedirectURIs: []string{only}, GrantTypes: []string{"authorization_code"}})
	s := start(t, mockidp.Options{Config: &config, AutoLogin: true})
	unnamed := q{"client_id": one("one"), "redirect_uri": nil, "login_hint": one("alice")}

	back := s.get("/authorize?" + asking(unnamed).Encode()).location(t)
	require.True(t, strings.HasPrefix(back.String(), only+"&code="), "RFC 6749 §3.1.2: the query stays: %s", back)
	s.issued(redeeming(back.Query().Get("code"), q{"client_id": one("one"), "redirect_uri": nil}))

	named := s.get("/authorize?" + asking(with(unnamed, q{"redirect_uri": one(only)})).Encode()).location(t).Query().Get("code")
	s.refused(400, "invalid_grant", redeeming(named, q{"client_id": one("one"), "redirect_uri": nil}))

	unnamed["scope"] = one("openid")
	page := s.get("/authorize?" + asking(unnamed).Encode())
	require.Equal(t, 400, page.status, "OpenID Connect Core §3.1.2.1 wants redirect_uri")
	unnamed["scope"] = one("openidx")
	require.Equal(t, "invalid_scope", s.get("/authorize?"+asking(unnamed).Encode()).location(t).Query().Get("error"))
}

func TestAResponseIsAddedToWhateverTheRedirectURIHas(t *testing.T) {
	t.Parallel()
	config := mockidp.DefaultConfig()
	uris := []string{
		"https://app.example", "https://app.example/", "https://app.example/cb?", "https://app.example/cb?a=b", "https://app.example/cb?a=b&",
		"cursor://anysphere.cursor-mcp/oauth/callback", "com.example:/cb", "com.example:cb", "http://[::1]:9/cb?x=1",
	}
	config.Clients = append(config.Clients, mockidp.Client{ID: "many", AuthMethod: "none", RedirectURIs: uris, GrantTypes: []string{"authorization_code"}})
	s := start(t, mockidp.Options{Config: &config, AutoLogin: true})
	for _, uri := range uris {
		for _, change := range []q{{"login_hint": one("alice")}, {"scope": one("x")}} {
			change["client_id"], change["redirect_uri"] = one("many"), one(uri)
			location := s.get("/authorize?" + asking(change).Encode()).header.Get("Location")
			rest, ok := strings.CutPrefix(location, uri)
			require.True(t, ok, "%s %s", uri, location)
			require.NotContains(t, location, "&&")
			require.NotContains(t, location, "?&")
			had, _ := url.Parse(uri)
			got, err := url.Parse(location)
			require.NoError(t, err)
			for name, values := range had.Query() {
				require.Equal(t, values, got.Query()[name])
			}
			require.Equal(t, one(s.Issuer()), got.Query()["iss"], rest)
			require.Equal(t, one("a-state"), got.Query()["state"])
		}
	}
}
