package guard_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
)

const (
	challengeMetadata = `resource_metadata="http://localhost:3001/.well-known/oauth-protected-resource/mcp"`
	challengeScope    = `scope="create:todos read:todos delete:todos"`
	ping              = `{"jsonrpc":"2.0","id":"p<1>","method":"ping"}`
)

// request builds a POST as clients send it; change may turn it into another.
func request(body string, change ...func(*http.Request)) *http.Request {
	r := httptest.NewRequest(http.MethodPost, resourceURL, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	for _, c := range change {
		c(r)
	}
	return r
}

func set(name string, values ...string) func(*http.Request) {
	return func(r *http.Request) { r.Header[http.CanonicalHeaderKey(name)] = values }
}

func method(m string) func(*http.Request) { return func(r *http.Request) { r.Method = m } }

func host(h string) func(*http.Request) { return func(r *http.Request) { r.Host = h } }

func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// requireRefusal demands what keeps a client's session alive: a JSON-RPC error with the request's own id.
func requireRefusal(t *testing.T, w *httptest.ResponseRecorder, status, code int, id string) string {
	t.Helper()
	var body struct {
		Version string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Error   struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	require.Equal(t, status, w.Code, w.Body.String())
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &body))
	require.Equal(t, "2.0", body.Version)
	require.Equal(t, id, string(body.ID))
	require.Equal(t, code, body.Error.Code)
	require.NotEmpty(t, body.Error.Message)
	return body.Error.Message
}

func TestChallenges(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	good := is.token(t)
	denial := &guard.Denial{Scopes: []string{"read:todos", "delete:todos", "bad\"scope"}, Description: "deleting \"others'\" needs more\r\n\u00e9"}
	h := is.guard(t, func(o *guard.Options) {
		o.Authorize = func(_ context.Context, id guard.Identity, call guard.Call) *guard.Denial {
			if call.Method == "denied" {
				return denial
			}
			return nil
		}
	}).Protect(http.NotFoundHandler())
	anonymous := "Bearer " + challengeMetadata + ", " + challengeScope
	malformed := `Bearer error="invalid_request", error_description="`
	for name, c := range map[string]struct {
		authorization []string
		method        string
		status        int
		challenge     string // exact, or the beginning if it ends in …
	}{
		"anonymous":          {nil, "ping", 401, anonymous},
		"other scheme":       {[]string{"Basic YTpi"}, "ping", 401, anonymous},
		"DPoP":               {[]string{"DPoP " + good}, "ping", 401, anonymous},
		"longer scheme":      {[]string{"BearerX " + good}, "ping", 401, anonymous},
		"no token":           {[]string{"Bearer"}, "ping", 400, malformed + "…"},
		"no token, space":    {[]string{"Bearer "}, "ping", 400, malformed + "…"},
		"empty":              {[]string{""}, "ping", 400, malformed + "…"},
		"no scheme":          {[]string{"=x"}, "ping", 400, malformed + "…"},
		"two tokens":         {[]string{"Bearer " + good + " x"}, "ping", 400, malformed + "…"},
		"two in a list":      {[]string{"Bearer " + good + ", Bearer x"}, "ping", 400, malformed + "…"},
		"comma":              {[]string{"Bearer," + good}, "ping", 400, malformed + "…"},
		"slash":              {[]string{"Bearer/" + good}, "ping", 400, malformed + "…"},
		"tab":                {[]string{"Bearer\t" + good}, "ping", 400, malformed + "…"},
		"padding in between": {[]string{"Bearer a=b"}, "ping", 400, malformed + "…"},
		"only padding":       {[]string{"Bearer =="}, "ping", 400, malformed + "…"},
		"quoted":             {[]string{`Bearer "x"`}, "ping", 400, malformed + "…"},
		"not ASCII":          {[]string{"Bearer ä"}, "ping", 400, malformed + "…"},
		"two headers": {[]string{"Bearer " + good, "Bearer " + good}, "ping", 400,
			malformed + `several Authorization headers, want one", ` + challengeMetadata},
		"bad token": {[]string{"Bearer x"}, "ping", 401,
			`Bearer error="invalid_token", error_description="the token is not a signed JWT: want three parts separated by dots, got an opaque token; let the client name the API (resource) in every token request", ` +
				challengeMetadata + ", " + challengeScope},
		"expired": {[]string{"Bearer " + is.token(t, object{"exp": 1})}, "ping", 401,
			`Bearer error="invalid_token", error_description="the token has expired", ` + challengeMetadata + ", " + challengeScope},
		"denied": {[]string{"Bearer " + good}, "denied", 403,
			`Bearer error="insufficient_scope", error_description="deleting 'others'' needs more???", ` + challengeMetadata + `, scope="read:todos delete:todos"`},
		"good":        {[]string{"Bearer " + good}, "ping", 404, ""},
		"scheme case": {[]string{"bEARER " + good}, "ping", 404, ""},
		"two spaces":  {[]string{"Bearer  " + good}, "ping", 404, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := request(`{"jsonrpc":"2.0","id":7,"method":"` + c.method + `"}`)
			if c.authorization != nil {
				r.Header["Authorization"] = c.authorization
			}
			w := serve(h, r)
			requireRefusal(t, w, c.status, -32089, "7")
			got := w.Header().Get("WWW-Authenticate")
			if start, open := strings.CutSuffix(c.challenge, "…"); open {
				require.True(t, strings.HasPrefix(got, start), got)
				require.Contains(t, got, challengeMetadata)
				return
			}
			require.Equal(t, c.challenge, got)
		})
	}
}

func TestTokensAreTakenFromTheHeaderOnly(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	h := is.guard(t).Protect(http.NotFoundHandler())
	token := is.token(t)
	form := url.Values{"access_token": {token}}.Encode()
	for name, r := range map[string]*http.Request{
		"query":  request(ping, func(r *http.Request) { r.URL.RawQuery = form }),
		"form":   request(form, set("Content-Type", "application/x-www-form-urlencoded")),
		"cookie": request(ping, set("Cookie", "access_token="+token)),
	} {
		w := serve(h, r)
		require.Equal(t, 401, w.Code, name)
		require.NotContains(t, w.Header().Get("WWW-Authenticate"), "error", name)
	}
}

func TestIssuerDownIsToldOnlyToThoseWhoNeedIt(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	is.answer(func(w http.ResponseWriter, r *http.Request) { http.Error(w, "down", http.StatusBadGateway) })
	h := is.guard(t).Protect(http.NotFoundHandler())
	requireRefusal(t, serve(h, request(ping)), 401, -32089, `"p<1>"`)
	requireRefusal(t, serve(h, request(ping, set("Authorization", "Bearer"))), 400, -32089, `"p<1>"`)
	requireRefusal(t, serve(h, request(ping, set("Authorization", "Bearer x"))), 401, -32089, `"p<1>"`)
	w := serve(h, request(ping, set("Authorization", "Bearer "+is.token(t))))
	requireRefusal(t, w, 503, -32089, `"p<1>"`)
	require.Equal(t, "2", w.Header().Get("Retry-After"))
	require.Empty(t, w.Header().Get("WWW-Authenticate"), "a challenge would start a new login")
}

func TestRequestsAreRefusedBeforeTheHandler(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	bearer := set("Authorization", "Bearer "+is.token(t))
	h := is.guard(t).Protect(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the handler ran") }))
	call := `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"créer","arguments":{}}}`
	versioned := `{"jsonrpc":"2.0","id":7,"method":"ping","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}`
	for name, c := range map[string]struct {
		r            *http.Request
		status, code int
		id           string
	}{
		"GET without a token":    {request("", method("GET")), 401, -32089, "null"},
		"GET":                    {request("", method("GET"), bearer), 405, -32089, "null"},
		"DELETE":                 {request("", method("DELETE"), bearer), 405, -32089, "null"},
		"PUT":                    {request(ping, method("PUT"), bearer), 405, -32089, "null"},
		"OPTIONS":                {request("", method("OPTIONS"), bearer), 405, -32089, "null"},
		"text":                   {request(ping, bearer, set("Content-Type", "text/plain")), 415, -32089, `"p<1>"`},
		"UTF-16":                 {request(ping, bearer, set("Content-Type", "application/json; charset=utf-16")), 415, -32089, `"p<1>"`},
		"gzip":                   {request(ping, bearer, set("Content-Encoding", "gzip")), 415, -32089, `"p<1>"`},
		"no content type":        {request(ping, bearer, set("Content-Type")), 415, -32089, `"p<1>"`},
		"too large":              {request(`{"jsonrpc":"2.0","id":7,"x":"`+strings.Repeat("x", 1<<20)+`"}`, bearer), 413, -32089, "7"},
		"too large, no length":   {request(`{"jsonrpc":"2.0","id":7,"x":"`+strings.Repeat("x", 1<<20)+`"}`, bearer, func(r *http.Request) { r.ContentLength = -1 }), 413, -32089, "7"},
		"foreign host":           {request(ping, bearer, host("evil.example:3001")), 403, -32089, `"p<1>"`},
		"other port":             {request(ping, bearer, host("localhost:3002")), 403, -32089, `"p<1>"`},
		"no host":                {request(ping, bearer, host("")), 403, -32089, `"p<1>"`},
		"foreign origin":         {request(ping, bearer, set("Origin", "https://evil.example")), 403, -32089, `"p<1>"`},
		"null origin":            {request(ping, bearer, set("Origin", "null")), 403, -32089, `"p<1>"`},
		"empty origin":           {request(ping, bearer, set("Origin", "")), 403, -32089, `"p<1>"`},
		"two origins":            {request(ping, bearer, set("Origin", "http://localhost:3001", "https://evil.example")), 403, -32089, `"p<1>"`},
		"foreign origin, GET":    {request("", method("GET"), set("Origin", "https://evil.example")), 403, -32089, "null"},
		"foreign preflight":      {request("", method("OPTIONS"), set("Origin", "https://evil.example"), set("Access-Control-Request-Method", "POST")), 403, -32089, "null"},
		"empty":                  {request("", bearer), 400, -32700, "null"},
		"no JSON":                {request(`{"jsonrpc":"2.0","id":7,`, bearer), 400, -32700, "7"},
		"two values":             {request(ping+ping, bearer), 400, -32700, `"p<1>"`},
		"not UTF-8":              {request("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"p\xff\"}", bearer), 400, -32700, "7"},
		"byte order mark":        {request("\ufeff"+ping, bearer), 400, -32700, "null"},
		"batch":                  {request("["+ping+"]", bearer), 400, -32600, "null"},
		"empty batch":            {request("[]", bearer), 400, -32600, "null"},
		"string":                 {request(`"x"`, bearer), 400, -32600, "null"},
		"null":                   {request(`null`, bearer), 400, -32600, "null"},
		"deep":                   {request(`{"jsonrpc":"2.0","id":7,"method":"ping","params":{"x":`+strings.Repeat("[", 200)+strings.Repeat("]", 200)+`}}`, bearer), 400, -32600, "7"},
		"no version":             {request(`{"id":7,"method":"ping"}`, bearer), 400, -32600, "7"},
		"version 1.0":            {request(`{"jsonrpc":"1.0","id":7,"method":"ping"}`, bearer), 400, -32600, "7"},
		"version number":         {request(`{"jsonrpc":2.0,"id":7,"method":"ping"}`, bearer), 400, -32600, "7"},
		"id object":              {request(`{"jsonrpc":"2.0","id":{},"method":"ping"}`, bearer), 400, -32600, "null"},
		"id beyond 2^53":         {request(`{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}`, bearer), 400, -32600, "9007199254740993"},
		"id with a fraction":     {request(`{"jsonrpc":"2.0","id":1.5,"method":"ping"}`, bearer), 400, -32600, "1.5"},
		"id boolean":             {request(`{"jsonrpc":"2.0","id":true,"method":"ping"}`, bearer), 400, -32600, "null"},
		"no method":              {request(`{"jsonrpc":"2.0","id":7}`, bearer), 400, -32600, "7"},
		"method null":            {request(`{"jsonrpc":"2.0","id":7,"method":null}`, bearer), 400, -32600, "7"},
		"method empty":           {request(`{"jsonrpc":"2.0","id":7,"method":""}`, bearer), 400, -32600, "7"},
		"method lone surrogate":  {request(`{"jsonrpc":"2.0","id":7,"method":"\ud800"}`, bearer), 400, -32600, "7"},
		"method and result":      {request(`{"jsonrpc":"2.0","id":7,"method":"ping","result":{}}`, bearer), 400, -32600, "7"},
		"result and error":       {request(`{"jsonrpc":"2.0","id":7,"error":{},"result":{}}`, bearer), 400, -32600, "7"},
		"params array":           {request(`{"jsonrpc":"2.0","id":7,"method":"ping","params":[]}`, bearer), 400, -32602, "7"},
		"params string":          {request(`{"jsonrpc":"2.0","id":7,"method":"ping","params":"x"}`, bearer), 400, -32602, "7"},
		"meta string":            {request(`{"jsonrpc":"2.0","id":7,"method":"ping","params":{"_meta":"x"}}`, bearer), 400, -32602, "7"},
		"meta version number":    {request(strings.Replace(versioned, `"2026-07-28"`, "1", 1), bearer), 400, -32602, "7"},
		"tool without name":      {request(`{"jsonrpc":"2.0","id":7,"method":"tools/call"}`, bearer), 400, -32602, "7"},
		"tool name number":       {request(`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":1}}`, bearer), 400, -32602, "7"},
		"duplicate method":       {request(`{"jsonrpc":"2.0","id":7,"method":"a","method":"b"}`, bearer), 400, -32600, "7"},
		"duplicate id":           {request(`{"jsonrpc":"2.0","id":7,"id":8,"method":"a"}`, bearer), 400, -32600, "null"},
		"duplicate, escaped":     {request(`{"jsonrpc":"2.0","id":7,"method":"a","m\u0065thod":"b"}`, bearer), 400, -32600, "7"},
		"duplicate name":         {request(`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"a","name":"b"}}`, bearer), 400, -32600, "7"},
		"duplicate argument":     {request(`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"a","arguments":{"x":[{"y":1,"y":2}]}}}`, bearer), 400, -32600, "7"},
		"method cased":           {request(`{"jsonrpc":"2.0","id":7,"method":"a","Method":"b"}`, bearer), 400, -32600, "7"},
		"params cased":           {request(`{"jsonrpc":"2.0","id":7,"method":"a","PARAMS":{}}`, bearer), 400, -32600, "7"},
		"params folded":          {request(`{"jsonrpc":"2.0","id":7,"method":"a","param\u017f":{}}`, bearer), 400, -32600, "7"},
		"name cased":             {request(`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"a","Name":"b"}}`, bearer), 400, -32600, "7"},
		"arguments cased":        {request(`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"a","Arguments":{}}}`, bearer), 400, -32600, "7"},
		"Mcp-Method differs":     {request(call, bearer, set("Mcp-Method", "tools/list")), 400, -32020, "7"},
		"Mcp-Method cased":       {request(call, bearer, set("Mcp-Method", "Tools/Call")), 400, -32020, "7"},
		"Mcp-Method empty":       {request(call, bearer, set("Mcp-Method", "")), 400, -32020, "7"},
		"Mcp-Method twice":       {request(call, bearer, set("Mcp-Method", "tools/call", "tools/call")), 400, -32020, "7"},
		"Mcp-Method, response":   {request(`{"jsonrpc":"2.0","id":7,"result":{}}`, bearer, set("Mcp-Method", "tools/call")), 400, -32020, "7"},
		"Mcp-Name differs":       {request(call, bearer, set("Mcp-Name", "list")), 400, -32020, "7"},
		"Mcp-Name, old version":  {request(call, bearer, set("Mcp-Name", "list"), set("MCP-Protocol-Version", "2025-06-18")), 400, -32020, "7"},
		"Mcp-Name, base64":       {request(call, bearer, set("Mcp-Name", "=?base64?bGlzdA==?=")), 400, -32020, "7"},
		"Mcp-Name, broken":       {request(call, bearer, set("Mcp-Name", "=?base64?Y3LDqWVy?x=")), 400, -32020, "7"},
		"Mcp-Name of a resource": {request(`{"jsonrpc":"2.0","id":7,"method":"resources/read","params":{"uri":"a:b","name":"c"}}`, bearer, set("Mcp-Name", "c")), 400, -32020, "7"},
		"version differs":        {request(versioned, bearer, set("MCP-Protocol-Version", "2025-11-25")), 400, -32020, "7"},
		"version missing":        {request(versioned, bearer), 400, -32020, "7"},
		"version twice":          {request(ping, bearer, set("MCP-Protocol-Version", "2025-11-25", "2025-11-25")), 400, -32020, `"p<1>"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serve(h, c.r)
			requireRefusal(t, w, c.status, c.code, c.id)
			if c.status == 405 {
				require.Equal(t, "POST", w.Header().Get("Allow"))
			}
			require.Equal(t, c.status == 401, w.Header().Get("WWW-Authenticate") != "")
		})
	}
}

func TestRequestsReachTheHandlerAsTheyWereJudged(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	type seen struct {
		body string
		id   guard.Identity
	}
	encoded := "=?base64?Y3LDqWVy?="
	call := `{"jsonrpc":"2.0","id":-9007199254740991,"method":"tools/call","params":{"name":"créer","arguments":{"a":[1],"A":"\ud800"},"_meta":null}}`
	for name, c := range map[string]struct {
		r    *http.Request
		want *guard.Call // nil: the policy is not asked
	}{
		"call":            {request(call), &guard.Call{ID: json.RawMessage("-9007199254740991"), Method: "tools/call", Tool: "créer", Arguments: json.RawMessage(`{"a":[1],"A":"\ud800"}`)}},
		"headers":         {request(call, set("Mcp-Method", "tools/call"), set("Mcp-Name", encoded)), &guard.Call{ID: json.RawMessage("-9007199254740991"), Method: "tools/call", Tool: "créer", Arguments: json.RawMessage(`{"a":[1],"A":"\ud800"}`)}},
		"raw name":        {request(call, set("Mcp-Name", "créer")), &guard.Call{ID: json.RawMessage("-9007199254740991"), Method: "tools/call", Tool: "créer", Arguments: json.RawMessage(`{"a":[1],"A":"\ud800"}`)}},
		"odd arguments":   {request(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":7}}`), &guard.Call{ID: json.RawMessage("1"), Method: "tools/call", Tool: "x", Arguments: json.RawMessage("7")}},
		"no arguments":    {request(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}}`), &guard.Call{ID: json.RawMessage("1"), Method: "tools/call", Tool: "x"}},
		"notification":    {request(`{"jsonrpc":"2.0","method":"notifications/initialized"}`), &guard.Call{Method: "notifications/initialized"}},
		"id null":         {request(`{"jsonrpc":"2.0","id":null,"method":"x","params":null}`), &guard.Call{Method: "x"}},
		"other name":      {request(`{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"taskId":"t"}}`, set("Mcp-Name", "t")), &guard.Call{ID: json.RawMessage("1"), Method: "tasks/get"}},
		"response":        {request(`{"jsonrpc":"2.0","id":1,"result":{}}`), nil},
		"error response":  {request(`{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m"}}`), nil},
		"charset":         {request(ping, set("Content-Type", "Application/JSON; charset=utf-8")), &guard.Call{ID: json.RawMessage(`"p<1>"`), Method: "ping"}},
		"spaces":          {request(" \r\n" + ping + "\n"), &guard.Call{ID: json.RawMessage(`"p<1>"`), Method: "ping"}},
		"loopback name":   {request(ping, host("127.0.0.1:3001")), &guard.Call{ID: json.RawMessage(`"p<1>"`), Method: "ping"}},
		"loopback, cased": {request(ping, host("[::1]:3001"), set("Origin", "http://[::1]:3001")), &guard.Call{ID: json.RawMessage(`"p<1>"`), Method: "ping"}},
		"no length":       {request(ping, func(r *http.Request) { r.ContentLength = -1; r.TransferEncoding = []string{"chunked"} }), &guard.Call{ID: json.RawMessage(`"p<1>"`), Method: "ping"}},
		"token in query":  {request(ping, func(r *http.Request) { r.URL.RawQuery = "access_token=x" }), &guard.Call{ID: json.RawMessage(`"p<1>"`), Method: "ping"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var judged *guard.Call
			var got seen
			g := is.guard(t, func(o *guard.Options) {
				o.Authorize = func(_ context.Context, id guard.Identity, call guard.Call) *guard.Denial {
					judged = &call
					got.id = id
					return nil
				}
			})
			body, err := io.ReadAll(c.r.Body)
			require.NoError(t, err)
			c.r.Body = io.NopCloser(bytes.NewReader(body))
			c.r.Header.Set("Authorization", "Bearer "+is.token(t))
			w := serve(g.Protect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				handled, err := io.ReadAll(r.Body)
				require.NoError(t, err)
				got.body = string(handled)
				id, ok := guard.FromContext(r.Context())
				require.True(t, ok)
				require.Equal(t, "alice", id.Subject)
				require.Empty(t, r.Header.Get("Authorization"))
				require.Equal(t, int64(len(body)), r.ContentLength)
				w.WriteHeader(202)
			})), c.r)
			require.Equal(t, 202, w.Code, w.Body.String())
			require.Equal(t, string(body), got.body)
			require.Equal(t, c.want, judged)
			require.NotEmpty(t, c.r.Header.Get("Authorization"), "the caller's request is left alone")
		})
	}
}

func TestCORS(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	h := is.guard(t, func(o *guard.Options) { o.AllowedOrigins = []string{"http://localhost:6274"} }).Protect(http.NotFoundHandler())
	for _, origin := range []string{"http://localhost:6274", "http://localhost:3001"} {
		w := serve(h, request("", method("OPTIONS"), set("Origin", origin), set("Access-Control-Request-Method", "POST"),
			set("Access-Control-Request-Headers", "authorization,mcp-param-region, mcp-param-(bad)")))
		require.Equal(t, 204, w.Code, "a preflight carries no token")
		require.Equal(t, origin, w.Header().Get("Access-Control-Allow-Origin"))
		for _, name := range []string{"Authorization", "Content-Type", "Accept", "MCP-Protocol-Version", "Mcp-Method", "Mcp-Name", "Mcp-Session-Id", "Last-Event-ID", "mcp-param-region"} {
			require.Contains(t, strings.Split(w.Header().Get("Access-Control-Allow-Headers"), ", "), name)
		}
		require.NotContains(t, w.Header().Get("Access-Control-Allow-Headers"), "bad")

		w = serve(h, request(ping, set("Origin", origin)))
		requireRefusal(t, w, 401, -32089, `"p<1>"`)
		require.Equal(t, origin, w.Header().Get("Access-Control-Allow-Origin"))
		require.Contains(t, w.Header().Get("Access-Control-Expose-Headers"), "WWW-Authenticate")
		require.Contains(t, w.Header().Values("Vary"), "Origin")
	}
}

// Handlers write refusals as text; clients of go-sdk lose their session over it.
func TestTextRefusalsOfTheHandlerBecomeJSON(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	bearer := set("Authorization", "Bearer "+is.token(t))
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"text":  {func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no \xff such thing", 404) }, "no ? such thing"},
		"empty": {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(404) }, "Not Found"},
		"long":  {func(w http.ResponseWriter, r *http.Request) { http.Error(w, strings.Repeat("x", 1<<20), 404) }, strings.Repeat("x", 1<<10)},
		"flushed": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(404)
			require.NoError(t, http.NewResponseController(w).Flush())
			w.(http.Flusher).Flush()
			fmt.Fprint(w, "a")
			fmt.Fprint(w, "b")
		}, "ab"},
	} {
		w := serve(is.guard(t).Protect(c.handler), request(ping, bearer))
		require.Equal(t, c.want, requireRefusal(t, w, 404, -32089, `"p<1>"`), name)
	}
	for name, handler := range map[string]http.HandlerFunc{
		"JSON": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(400)
			fmt.Fprint(w, "as it was")
		},
		"success": func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "as it was") },
	} {
		require.Equal(t, "as it was", serve(is.guard(t).Protect(handler), request(ping, bearer)).Body.String(), name)
	}
}

// listening runs the guarded handler on a socket and returns its address.
func listening(t *testing.T, is *issuer, next http.Handler, change ...func(*guard.Options)) string {
	srv := httptest.NewUnstartedServer(nil)
	change = append(change, func(o *guard.Options) {
		o.Resource = "http://" + srv.Listener.Addr().String() + "/mcp"
		o.Audience = resourceURL
	})
	srv.Config.Handler = is.guard(t, change...).Protect(next)
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String()
}

func TestSlowBodiesAreNotWaitedFor(t *testing.T) {
	t.Parallel()
	addr := listening(t, newIssuer(t), http.NotFoundHandler())
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	_, err = fmt.Fprintf(conn, "POST /mcp HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"id\":7,", addr)
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(5*time.Second)))
	answer, err := io.ReadAll(conn)
	require.NoError(t, err, "the connection is closed after the answer")
	require.Contains(t, string(answer), "401 Unauthorized")
	require.Contains(t, string(answer), `"id":7`)
}

func TestConnectionsSurviveRefusals(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	addr := listening(t, is, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(202) }))
	conns := 0
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conns++
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}}
	t.Cleanup(client.CloseIdleConnections)
	for _, c := range []struct {
		authorization string
		size, status  int
	}{{"", 10, 401}, {"", 100_000, 401}, {"Bearer", 10, 400}, {"Bearer x", 70_000, 401}, {"Bearer " + is.token(t), 100_000, 202}} {
		body := `{"jsonrpc":"2.0","id":7,"method":"ping","params":{"x":"` + strings.Repeat("x", c.size) + `"}}`
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+"/mcp", strings.NewReader(body))
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/json")
		if c.authorization != "" {
			r.Header.Set("Authorization", c.authorization)
		}
		resp, err := client.Do(r)
		require.NoError(t, err)
		answer, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		resp.Body.Close()
		require.Equal(t, c.status, resp.StatusCode)
		if c.status != 202 {
			require.Contains(t, string(answer), `"id":7`)
		}
	}
	require.Equal(t, 1, conns)
}

func TestStreamsAreNotHeldBack(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	release := make(chan struct{})
	addr := listening(t, is, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Error("the server's abilities are hidden:", err)
		}
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "data: 1\n")
		w.(http.Flusher).Flush()
		<-release
	}))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+"/mcp", strings.NewReader(ping))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+is.token(t))
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	first := make([]byte, len("data: 1\n"))
	_, err = io.ReadFull(resp.Body, first)
	require.NoError(t, err)
	close(release)
	resp.Body.Close()
}
