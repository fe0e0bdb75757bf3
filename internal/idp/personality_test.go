package idp

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

func TestAnEndpointThatThePersonalityLacksIsNotThereAndNotAdvertised(t *testing.T) {
	t.Parallel()
	bare := personality.Strict()
	bare.Paths.UserInfo, bare.Paths.Register, bare.Paths.Introspect, bare.Paths.Revoke, bare.Paths.Logout, bare.Paths.Push = "", "", "", "", "", ""
	s, err := New(Options{Issuer: "http://idp/tenant", Personality: bare, Store: store.New(store.Limits{})})
	require.NoError(t, err)
	get := func(method, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		return w
	}
	var m map[string]any
	require.NoError(t, json.Unmarshal(get("GET", "/tenant/.well-known/openid-configuration").Body.Bytes(), &m))
	for name := range m {
		for _, gone := range []string{"introspection", "revocation", "registration_endpoint", "userinfo", "end_session", "pushed_authorization_request_endpoint"} {
			require.False(t, strings.HasPrefix(name, gone), name)
		}
	}
	for _, path := range []string{"/userinfo", "/register", "/register/client", "/introspect", "/revoke", "/logout", "/par"} {
		for _, method := range []string{"GET", "POST", "OPTIONS"} {
			require.Equal(t, 404, get(method, "/tenant"+path).Code, "%s %s", method, path)
		}
	}
	require.NotContains(t, get("GET", "/tenant").Body.String(), "registration_endpoint")
}
