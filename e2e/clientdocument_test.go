package e2e

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

// documented connects with go-sdk's client, which names itself by the URL of a document. It is not registered anywhere.
func (v *visitor) documented(t *testing.T, on *target, document string) (*mcp.ClientSession, error) {
	t.Helper()
	handler, err := auth.NewAuthorizationCodeHandler(&auth.AuthorizationCodeHandlerConfig{
		ClientIDMetadataDocumentConfig: &auth.ClientIDMetadataDocumentConfig{URL: document},
		RedirectURL:                    ownRedirect, Client: on.http, RequestRefreshToken: true,
		AuthorizationCodeFetcher: func(ctx context.Context, args *auth.AuthorizationArgs) (*auth.AuthorizationResult, error) {
			asked, err := url.Parse(args.URL)
			if err != nil || asked.Query().Get("client_id") != document {
				return nil, fmt.Errorf("authorization request: want client_id %q, got the URL %q", document, args.URL)
			}
			answer, err := v.signIn(ctx, on, args.URL)
			if err != nil {
				return nil, err
			}
			return &auth.AuthorizationResult{Code: answer.Get("code"), State: answer.Get("state"), Iss: answer.Get("iss")}, nil
		},
	})
	require.NoError(t, err)
	return on.dial(t, handler, v.protocol)
}

// documentsOver starts a host of client documents on loopback, over TLS, and a target whose authorization server may fetch them.
func documentsOver(t *testing.T, allowed bool) (*target, *mockidp.Server) {
	t.Helper()
	host := mockidp.New(t, mockidp.Options{TLS: true})
	ca := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(ca, host.CertificateAuthority(), 0o600))
	return newTarget(t, setup{configure: func(c *mockidp.Config) {
		c.ClientDocuments = mockidp.ClientDocuments{AllowPrivate: allowed, CAFile: ca}
	}}), host
}

func TestAClientIsKnownByItsDocument(t *testing.T) {
	t.Parallel()
	on, host := documentsOver(t, true)
	document := host.ClientDocumentURL("mcp-client")
	inBothEras(t, func(t *testing.T, protocol string) {
		foreign := create(t, (&visitor{people: []string{"carol"}, protocol: protocol, registered: true}).visit(t, on), "carol's")
		v := &visitor{people: []string{"bob", "alice"}, protocol: protocol}
		session, err := v.documented(t, on, document)
		require.NoError(t, err)
		own := create(t, session, "bob's")
		require.NoError(t, remove(t, session, own.ID))
		require.NoError(t, remove(t, session, foreign.ID), "alice steps up")
		require.Equal(t, 2, v.signed())
		require.Zero(t, on.wire.count(func(e exchange) bool { return e.path == "/register" }))
	})
}

func TestADocumentOnAPrivateAddressIsRefusedUnlessItIsAllowed(t *testing.T) {
	t.Parallel()
	on, host := documentsOver(t, false)
	_, err := (&visitor{people: []string{"bob"}, protocol: modern}).documented(t, on, host.ClientDocumentURL("mcp-client"))
	require.ErrorContains(t, err, "a loopback, private or otherwise special address")
}
