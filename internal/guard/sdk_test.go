package guard_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
)

type echoArguments struct {
	Text string `json:"text"`
}

// sdkHandler is an MCP server with the tools "echo" and "secret". seen, if not nil, is told of every tool call that the
// SDK dispatches.
func sdkHandler(seen func(name string, arguments json.RawMessage)) http.Handler {
	server := mcp.NewServer(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	for _, name := range []string{"echo", "secret"} {
		mcp.AddTool(server, &mcp.Tool{Name: name}, func(ctx context.Context, _ *mcp.CallToolRequest, in echoArguments) (*mcp.CallToolResult, any, error) {
			id, _ := guard.FromContext(ctx)
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: id.Subject + ": " + in.Text}}}, nil, nil
		})
	}
	server.AddReceivingMiddleware(func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
			if params, ok := req.GetParams().(*mcp.CallToolParamsRaw); ok && seen != nil {
				seen(params.Name, params.Arguments)
			}
			return next(ctx, method, req)
		}
	})
	return mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server },
		&mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true, DisableLocalhostProtection: true})
}

// tokens is a client transport that sends whatever token is set.
type tokens struct{ authorization string }

func (tr *tokens) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", tr.authorization)
	return http.DefaultTransport.RoundTrip(r)
}

// The measured reason for echoing ids: without it every call after the first refusal fails with "client is closing".
func TestSessionOfGoSDKSurvivesEveryRefusal(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	addr := listening(t, is, sdkHandler(nil), func(o *guard.Options) {
		o.Authorize = func(_ context.Context, id guard.Identity, call guard.Call) *guard.Denial {
			if call.Tool == "secret" {
				return &guard.Denial{Scopes: []string{"delete:todos"}, Description: "secret needs delete:todos"}
			}
			return nil
		}
	})
	good := "Bearer " + is.token(t)
	transport := &tokens{good}
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{
		Endpoint: "http://" + addr + "/mcp", HTTPClient: &http.Client{Transport: transport}}, nil)
	require.NoError(t, err)
	t.Cleanup(func() { session.Close() })

	call := func(tool, text string) (*mcp.CallToolResult, error) {
		return session.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: echoArguments{text}})
	}
	lives := func() {
		t.Helper()
		transport.authorization = good
		result, err := call("echo", "hi")
		require.NoError(t, err)
		require.Equal(t, "alice: hi", result.Content[0].(*mcp.TextContent).Text)
	}
	lives()
	_, err = call("secret", "x")
	require.ErrorContains(t, err, "secret needs delete:todos")
	var rpc *jsonrpc.Error
	require.ErrorAs(t, err, &rpc)
	lives()
	_, err = call("echo", strings.Repeat("x", 2<<20))
	require.ErrorContains(t, err, "the body is larger than")
	lives()
	for _, authorization := range []string{"", "Bearer", "Bearer x", "Basic x", "Bearer " + is.token(t, object{"exp": 1})} {
		transport.authorization = authorization
		_, err = call("echo", "x")
		require.Error(t, err)
		lives()
	}
}

// Whatever tool call the SDK dispatches is the one that the policy was asked about, however the body is written.
func FuzzDispatch(f *testing.F) {
	for _, seed := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"x"}}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","method":"ping","params":{"name":"echo","Name":"secret"}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools\/call","params":{"n\u0061me":"secret","arguments":{"text":"\ud83d\ude00"}}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\ud800\ud800\udc00","arguments":null}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","nam\u017f":"b","NAME":"c","_meta":{"a":1}}}`,
		`[{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"secret"}}]`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}} {"jsonrpc":"2.0","id":2,"method":"ping"}`,
		`{"jsonrpc":"2.0","id":null,"method":"tools/call","params":{"name":"a","x":[{},[],1e9,true,"\""]}}`,
		`{"jsonrpc":"2.0","id":1,"result":{},"method":"tools/call","params":{"name":"secret"}}`,
		"\ufeff" + `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\u0000"}}`,
	} {
		f.Add([]byte(seed))
	}
	is := newIssuer(f)
	bearer := set("Authorization", "Bearer "+sign(f, is.ec, header(), claims(object{"exp": 4e9})))
	type toolCall struct {
		name      string
		arguments string
	}
	var judged, ran *toolCall
	h := is.guard(f, func(o *guard.Options) {
		o.Authorize = func(_ context.Context, _ guard.Identity, call guard.Call) *guard.Denial {
			if call.Method == "tools/call" {
				judged = &toolCall{call.Tool, string(call.Arguments)}
			}
			return nil
		}
	}).Protect(sdkHandler(func(name string, arguments json.RawMessage) { ran = &toolCall{name, string(arguments)} }))
	f.Fuzz(func(t *testing.T, body []byte) {
		judged, ran = nil, nil
		w := serve(h, request(string(body), bearer))
		if ran != nil {
			require.NotNil(t, judged, "a tool ran without a verdict")
			if ran.arguments == "" && judged.arguments == "null" {
				judged.arguments = ""
			}
			require.Equal(t, judged, ran)
		}
		if w.Code >= 400 {
			require.Equal(t, "application/json", w.Header().Get("Content-Type"))
			require.True(t, json.Valid(w.Body.Bytes()))
		}
	})
}

// Whatever a policy says, the challenge reads back as it was meant.
func FuzzChallenge(f *testing.F) {
	f.Add("deleting others' todos", "read:todos")
	f.Add("a\", error=\"x\r\n", "a\" b")
	f.Add("\\", "\\")
	f.Add("", "")
	is := newIssuer(f)
	bearer := set("Authorization", "Bearer "+sign(f, is.ec, header(), claims(object{"exp": 4e9})))
	var denial guard.Denial
	h := is.guard(f, func(o *guard.Options) {
		o.Authorize = func(context.Context, guard.Identity, guard.Call) *guard.Denial { return &denial }
	}).Protect(http.NotFoundHandler())
	f.Fuzz(func(t *testing.T, description, scope string) {
		denial = guard.Denial{Scopes: []string{"first", scope}, Description: description}
		value := serve(h, request(ping, bearer)).Header().Get("WWW-Authenticate")
		challenges, err := oauthex.ParseWWWAuthenticate([]string{value})
		require.NoError(t, err, value)
		require.Len(t, challenges, 1, value)
		params := challenges[0].Params
		require.Equal(t, "insufficient_scope", params["error"])
		require.Equal(t, "http://localhost:3001/.well-known/oauth-protected-resource/mcp", params["resource_metadata"])
		require.Contains(t, []string{"first", "first " + scope}, params["scope"])
		require.Len(t, params, 4, value)
		for _, c := range params["error_description"] {
			require.True(t, c >= 0x20 && c <= 0x7e && c != '"' && c != '\\', value)
		}
	})
}

func FuzzBearer(f *testing.F) {
	for _, seed := range []string{"", "Bearer", "Bearer x", "Bearer a b", "bearer \t", "Basic x", "Bearer a=,", "DPoP x", "Bearer é"} {
		f.Add(seed)
	}
	is := newIssuer(f)
	h := is.guard(f).Protect(http.NotFoundHandler())
	f.Fuzz(func(t *testing.T, value string) {
		w := serve(h, request(ping, set("Authorization", value)))
		challenges, err := oauthex.ParseWWWAuthenticate(w.Header().Values("WWW-Authenticate"))
		require.NoError(t, err)
		require.Len(t, challenges, 1)
		scheme, token, _ := strings.Cut(value, " ")
		isBearer := strings.EqualFold(scheme, "Bearer")
		switch challenges[0].Params["error"] {
		case "":
			require.Equal(t, 401, w.Code)
			require.False(t, isBearer)
		case "invalid_request":
			require.Equal(t, 400, w.Code)
		case "invalid_token":
			require.Equal(t, 401, w.Code)
			require.True(t, isBearer)
			require.NotContains(t, strings.TrimLeft(token, " "), " ")
		default:
			t.Fatal(w.Header())
		}
	})
}

// No text is a good token without the issuer's key, and no text brings the guard down.
func FuzzVerify(f *testing.F) {
	is := newIssuer(f)
	honest := sign(f, is.ec, header(), claims(object{"exp": 4e9}))
	f.Add(honest)
	f.Add(honest + "=")
	f.Add(strings.Replace(honest, ".", "\n.", 1))
	f.Add("..")
	f.Add(b64("null") + "." + b64(`{"exp":1e999}`) + "." + b64("x"))
	g := is.guard(f)
	f.Fuzz(func(t *testing.T, token string) {
		_, err := g.Verify(t.Context(), token)
		if token == honest {
			require.NoError(t, err)
			return
		}
		var bad *guard.TokenError
		require.ErrorAs(t, err, &bad)
	})
}

// The claims decide after the signature in what they grant: whatever text is signed, the identity holds only what
// exact names of the right types say.
func FuzzClaims(f *testing.F) {
	is := newIssuer(f)
	for _, seed := range []string{
		claims(object{"exp": 4e9}), "null", `{"exp":4e9,"Exp":1}`, `{"scope":" a"}`,
		strings.Replace(claims(object{"exp": 4e9}), `"scope"`, `"SCOPE"`, 1),
		strings.Replace(claims(object{"exp": 4e9}), `{`, `{"aud":[],`, 1),
	} {
		f.Add(seed)
	}
	g := is.guard(f)
	f.Fuzz(func(t *testing.T, payload string) {
		id, err := g.Verify(t.Context(), sign(t, is.ec, header(), payload))
		if err != nil {
			require.Zero(t, id)
			return
		}
		var c map[string]any
		require.NoError(t, json.Unmarshal([]byte(payload), &c))
		require.Equal(t, c["sub"], id.Subject)
		require.Equal(t, issuerURL, c["iss"])
		require.IsType(t, 1.0, c["exp"])
		scope, _ := c["scope"].(string)
		for _, s := range id.Scopes {
			require.Contains(t, strings.Split(scope, " "), s)
		}
	})
}
