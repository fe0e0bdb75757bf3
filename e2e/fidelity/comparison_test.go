package fidelity

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEditsChangeParametersAndKeepTheirOrder(t *testing.T) {
	t.Parallel()
	base := params{"a", "1", "b", "2"}
	require.Equal(t, "a=1&b=3&c=%26", base.with("b=3", "c=&").encode())
	require.Equal(t, "b=2&b=3", base.with("-a", "+b=3").encode())
	require.Equal(t, "a=&b=2", base.with("a=").encode())
	require.Equal(t, "a=1&b=2", base.encode(), "the base is not touched")
}

func TestDifferencesAreToldOnceWhereTheyBegin(t *testing.T) {
	t.Parallel()
	answer := func(status float64, body any) tree { return tree{"answer": tree{"status": status, "json": body}} }
	paths := func(want, got tree) (all []string) {
		for _, d := range differences(want, got) {
			all = append(all, d.path)
		}
		return all
	}
	require.Empty(t, paths(answer(200, tree{"a": "x"}), answer(200, tree{"a": "x"})))
	require.Equal(t, []string{"answer.json.a", "answer.json.b"}, paths(answer(200, tree{"a": "x"}), answer(200, tree{"a": "y", "b": 1.0})))
	require.Equal(t, []string{"answer.json"}, paths(answer(200, nil), answer(200, tree{"a": "x", "b": "y"})))
	require.Equal(t, []string{"answer.status"}, paths(answer(200, tree{"a": "x"}), answer(400, tree{"error": "y"})), "the rest follows from the status")
	require.Equal(t, []string{"stopped"}, paths(tree{"one": "x", "two": "y"}, tree{"one": "x", "stopped": "no code"}), "what was not asked is no difference")
	require.Equal(t, []string{"one", "stopped"}, paths(tree{"one": "x"}, tree{"one": "y", "stopped": "no code"}))
}

func TestWhatIsRandomOrLocalIsReducedToItsShape(t *testing.T) {
	t.Parallel()
	c := &talk{party: &party{issuer: "http://127.0.0.1:999/realms/todo"}, made: []client{{id: "1b285a59-b3e7-4805-8f38-426aced4968d"}}}
	now := float64(time.Now().Unix())
	for name, example := range map[string]struct{ is, want any }{
		"issuer":        {"see http://127.0.0.1:999/realms/todo/x and http://127.0.0.1:999/y", "see ISSUER/x and ORIGIN/y"},
		"client_id":     {"1b285a59-b3e7-4805-8f38-426aced4968d", "<client 1>"},
		"sub":           {"00000000-0000-4000-8000-000000000001", "<uuid>"},
		"jti":           {"onrtac:00000000-0000-4000-8000-000000000001", "onrtac:<uuid>"},
		"sid":           {"RZgrPyFvb4ZtXzq0pKdfw1Yo", "<random>"},
		"refresh_token": {"anything", "given"},
		"code":          {"", ""},
		"scope":         {"read:todos openid", "openid read:todos"},
		"expires_in":    {298.0, 300.0},
		"iat":           {now - 3, "now"},
		"active":        {true, true},
		"error":         {"invalid_grant", "invalid_grant"},
		"aud":           {[]any{"b", "a"}, []any{"a", "b"}},
		"claims":        {map[string]any{"iat": now, "exp": now + 299, "typ": "Bearer"}, tree{"iat": "now", "exp": "iat+300", "typ": "Bearer"}},
		"access_token":  {"e30.e30.x", "JWT"},
		"id_token":      {"opaque.one", "opaque"},
	} {
		require.Equal(t, example.want, c.shape(name, example.is), name)
	}
	c.readsTokens = true
	require.Equal(t, tree{"header": tree{"alg": "none"}, "claims": tree{"sub": "x"}}, c.shape("access_token", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.x"))
}

func TestARedirectIsSeenWithItsParametersInOrder(t *testing.T) {
	t.Parallel()
	c := &talk{party: &party{issuer: "http://127.0.0.1:999/realms/todo"}}
	at, err := url.Parse("http://127.0.0.1:999/realms/todo/auth")
	require.NoError(t, err)
	seen := func(location string) any {
		return c.observe(&answer{url: at, status: http.StatusFound, header: http.Header{"Location": {location}}})["location"]
	}
	require.Equal(t, tree{"to": "http://a.example/cb", "parameters": "error state iss", "error": "x y", "state": "s", "iss": "ISSUER"},
		seen("http://a.example/cb?error=x+y&state=s&iss=http%3A%2F%2F127.0.0.1%3A999%2Frealms%2Ftodo"))
	require.Equal(t, tree{"to": "http://a.example/cb", "in": "fragment", "parameters": "code", "code": "given"}, seen("http://a.example/cb#code=secret"))
	require.Equal(t, tree{"to": "ISSUER/login", "parameters": "session_code tab"}, seen("/realms/todo/login?session_code=random&tab=2"), "values of its own are nobody's business")
}

func TestKnownDifferencesAreFoundByPatternAndMissedWhenTheyAreGone(t *testing.T) {
	t.Parallel()
	k := &known{entries: []*entry{
		newEntry("mend:front", "authorize/fine", "answer.page.message"),
		newEntry("stricter-caching", "revoke/*", "*pragma"),
		newEntry("mend:back", "revoke/refresh", "answer.pragma"),
		newEntry("mend:back", "revoke/access", "answer.status"),
	}}
	require.True(t, k.expects("authorize/fine", "answer.page.message"))
	require.False(t, k.expects("authorize/fine", "answer.page.messages"))
	require.False(t, k.expects("authorize/fine-too", "answer.page.message"))
	require.True(t, k.expects("revoke/refresh", "answer.pragma"))
	require.Empty(t, k.unused(map[string]bool{"authorize/fine": true}), "an entry is judged where all its probes ran")
	unused := k.unused(map[string]bool{"authorize/fine": true, "revoke/refresh": true})
	require.Len(t, unused, 1, "what stays is not to be mended")
	k.drop(unused)
	unused = k.unused(map[string]bool{"authorize/fine": true, "revoke/access": true})
	require.Len(t, unused, 1)
	require.Equal(t, "mend:back revoke/access answer.status", unused[0].String())
	require.Equal(t, "revoke.txt", unused[0].file)
	k.drop(unused)
	k.add([]string{"token/no-code answer.json.error"})
	require.Equal(t, "mend:back token/no-code answer.json.error", k.entries[2].String())
	require.Empty(t, k.unused(map[string]bool{"token/no-code": true}), "what was just added occurred")
}

func TestEveryReasonToStayIsNeeded(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, p := range pairs {
		for _, e := range readKnown(t, p).entries {
			used[e.reason] = true
		}
	}
	for _, name := range differencesThatStay(t) {
		require.True(t, used[name], "no difference is listed for %s: its row in docs/personalities.md is over", name)
	}
}
