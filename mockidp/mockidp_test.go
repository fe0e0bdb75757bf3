package mockidp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

func TestStartsWithNothingSaid(t *testing.T) {
	t.Parallel()
	idp := mockidp.New(t, mockidp.Options{})
	res, err := idp.Client().Get(idp.Issuer() + "/.well-known/oauth-authorization-server")
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, 200, res.StatusCode)
}
