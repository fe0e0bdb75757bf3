package mockidp_test

import (
	"maps"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	offlineAsked = url.Values{"scope": {"openid offline_access create:todos"}}
	inspector    = url.Values{"client_id": {"mcp-inspector"}, "redirect_uri": {"http://127.0.0.1:6276/oauth/callback"}}
)

// stays reports whether the person of a browser is still signed in.
func (v visit) stays(t *testing.T) bool {
	t.Helper()
	_, answer := v.open(t, url.Values{"prompt": {"none"}})
	return answer.Has("code")
}

func TestASessionThatWasOpenedForOfflineAccessEndsWithTheExchange(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	for name, row := range map[string]struct {
		before, meanwhile url.Values // another authorization, before the one for offline access or between it and the exchange
		stays             bool
	}{
		"nothing else":                      {nil, nil, false},
		"something before":                  {url.Values{}, nil, true},
		"another client before":             {inspector, nil, true},
		"something of the client meanwhile": {nil, url.Values{}, true},
		"offline access meanwhile":          {nil, offlineAsked, true},
		"another client meanwhile":          {nil, inspector, false},
	} {
		v := s.visit()
		if row.before != nil {
			v.signIn(t, "alice", row.before)
		}
		answer := v.signIn(t, "alice", offlineAsked)
		if row.meanwhile != nil {
			v.signIn(t, "alice", row.meanwhile)
		}
		tokens := v.issued(t, answer, nil)
		require.Equal(t, row.stays, v.stays(t), name)
		require.Equal(t, 200, s.userinfo(t, tokens["access_token"].(string)), name)
		status, _ := s.refresh(t, tokens, "mcp-client")
		require.Equal(t, 200, status, name)
	}
}

func TestACodeForOfflineAccessIsGoodInItsSessionOnly(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	v := s.visit()
	online := v.issued(t, v.signIn(t, "alice", nil), nil)
	answer := v.signIn(t, "alice", offlineAsked)
	status, _ := s.post(t, "end_session_endpoint", url.Values{"client_id": {"mcp-client"}, "refresh_token": {online["refresh_token"].(string)}})
	require.Equal(t, 204, status)
	status, body := v.redeem(t, answer.Get("code"), nil)
	require.Equal(t, []any{400, "Code not valid"}, []any{status, body["error_description"]})

	v = s.visit()
	for _, asked := range []url.Values{nil, offlineAsked} {
		replayed, waiting := v.signIn(t, "alice", nil), v.signIn(t, "alice", asked)
		for range 2 {
			_, _ = v.redeem(t, replayed.Get("code"), nil)
		}
		status, body = v.redeem(t, waiting.Get("code"), nil)
		require.Equal(t, []any{400, "User session not found"}, []any{status, body["error_description"]})
		for _, used := range []url.Values{replayed, waiting} {
			_, body = v.redeem(t, used.Get("code"), nil)
			require.Equal(t, "Code not valid", body["error_description"])
		}
	}
}

func TestASessionThatNoClientIsInAnyMoreIsAsGoodAsNew(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	v := s.visit()
	first := v.signIn(t, "alice", inspector)
	for range 2 {
		_, _ = v.redeem(t, first.Get("code"), inspector) // and again: the client's part has ended
	}
	v.issued(t, v.signIn(t, "alice", offlineAsked), nil)
	require.False(t, v.stays(t))
}

// TestOfflineAccessIsApartFromTheSession has one client with both in a session.
func TestOfflineAccessIsApartFromTheSession(t *testing.T) {
	t.Parallel()
	s := standIn(t, "keycloak")
	const used, left, over, gone = "Maximum allowed refresh token reuse exceeded", "Session doesn't have required client", "Session not active", "Offline user session not found"
	for name, row := range map[string]struct {
		ends            func(v visit, answer url.Values, online, offline object)
		online, offline any // the refusal of a refresh; nil: none
		stays           bool
	}{
		"a replayed code ends what is in the session": {func(v visit, answer url.Values, _, _ object) {
			status, _ := v.redeem(t, answer.Get("code"), nil)
			require.Equal(t, 400, status)
		}, left, nil, true},
		"a used refresh token ends what is apart": {func(v visit, _ url.Values, _, offline object) {
			before := maps.Clone(offline)
			status, _ := v.refresh(t, offline, "mcp-client")
			require.Equal(t, 200, status)
			_, description := v.refresh(t, before, "mcp-client")
			require.Equal(t, used, description)
		}, nil, left, true},
		"a revocation ends both": {func(v visit, _ url.Values, _, offline object) {
			status, _ := v.post(t, "revocation_endpoint", url.Values{"client_id": {"mcp-client"}, "token": {offline["refresh_token"].(string)}})
			require.Equal(t, 200, status)
		}, over, gone, false},
		"a revocation of what is in the session ends that": {func(v visit, _ url.Values, online, _ object) {
			status, _ := v.post(t, "revocation_endpoint", url.Values{"client_id": {"mcp-client"}, "token": {online["refresh_token"].(string)}})
			require.Equal(t, 200, status)
		}, over, nil, false},
	} {
		v := s.visit()
		online := v.issued(t, v.signIn(t, "alice", nil), nil)
		answer := v.signIn(t, "alice", offlineAsked)
		offline := v.issued(t, answer, nil)
		row.ends(v, answer, online, offline)
		_, description := v.refresh(t, online, "mcp-client")
		require.Equal(t, row.online, description, name)
		_, description = v.refresh(t, offline, "mcp-client")
		require.Equal(t, row.offline, description, name)
		require.Equal(t, row.stays, v.stays(t), name)
	}
}
