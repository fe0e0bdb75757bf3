package mockidp_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

func TestWithTLSTheIssuerIsHTTPSAndItsAuthorityIsKnown(t *testing.T) {
	t.Parallel()
	idp := mockidp.New(t, mockidp.Options{TLS: true})
	require.True(t, strings.HasPrefix(idp.Issuer(), "https://127.0.0.1:"))
	res, err := idp.Client().Get(idp.MetadataURL())
	require.NoError(t, err)
	defer res.Body.Close()
	var document struct{ Issuer string }
	require.NoError(t, json.NewDecoder(res.Body).Decode(&document))
	require.Equal(t, idp.Issuer(), document.Issuer)

	block, rest := pem.Decode(idp.CertificateAuthority())
	require.Empty(t, rest)
	authority, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	require.True(t, authority.IsCA)
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
		_, err := res.TLS.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, DNSName: name})
		require.NoError(t, err, name)
	}
	_, err = (&http.Client{}).Get(idp.MetadataURL())
	require.ErrorAs(t, err, new(*tls.CertificateVerificationError))
	plain, err := idp.Client().Get(strings.Replace(idp.Issuer(), "https", "http", 1) + "/healthz")
	require.NoError(t, err)
	require.NoError(t, plain.Body.Close())
	require.Equal(t, 400, plain.StatusCode, "plain HTTP is refused")
	require.Nil(t, mockidp.New(t, mockidp.Options{}).CertificateAuthority())
}

func TestAGivenCertificateIsShown(t *testing.T) {
	t.Parallel()
	other := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	idp := mockidp.New(t, mockidp.Options{Certificate: &other.TLS.Certificates[0]})
	require.True(t, strings.HasPrefix(idp.Issuer(), "https://"))
	res, err := idp.Client().Get(idp.Issuer() + "/healthz")
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, other.Certificate(), res.TLS.PeerCertificates[0])
	require.Nil(t, idp.CertificateAuthority(), "none was made")
}

func TestDocumentsDescribeThePublicClientsOfTheConfiguration(t *testing.T) {
	t.Parallel()
	idp := mockidp.New(t, mockidp.Options{TLS: true})
	url := idp.ClientDocumentURL("mcp-client")
	require.Equal(t, idp.Issuer()+"/clients/mcp-client.json", url)
	res, err := idp.Client().Get(url)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, 200, res.StatusCode)
	require.Equal(t, "application/json", res.Header.Get("Content-Type"))
	var document map[string]any
	require.NoError(t, json.NewDecoder(res.Body).Decode(&document))
	require.Equal(t, map[string]any{
		"client_id": url, "client_name": "MCP client on this computer", "token_endpoint_auth_method": "none", "response_types": []any{"code"},
		"redirect_uris": []any{"http://localhost/callback", "http://127.0.0.1/callback", "http://[::1]/callback"},
		"grant_types":   []any{"authorization_code", "refresh_token"},
	}, document)
	for _, none := range []string{"todo-web", "todo-batch", "todo-mcp", "nobody", ""} {
		require.Empty(t, idp.ClientDocumentURL(none))
		res, err := idp.Client().Get(idp.Issuer() + "/clients/" + none + ".json")
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, 404, res.StatusCode, none)
	}
	require.Empty(t, mockidp.New(t, mockidp.Options{}).ClientDocumentURL("mcp-client"), "without TLS")
}

func TestAFileOfAuthoritiesMustHoldSome(t *testing.T) {
	t.Parallel()
	config := mockidp.DefaultConfig()
	config.ClientDocuments.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	_, err := mockidp.Start(mockidp.Options{Config: &config})
	require.ErrorContains(t, err, "client_documents.ca_file: ")
	for content, want := range map[string]string{
		"": "holds no certificate",
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n": "malformed",
	} {
		require.NoError(t, os.WriteFile(config.ClientDocuments.CAFile, []byte(content), 0o600))
		_, err = mockidp.Start(mockidp.Options{Config: &config})
		require.ErrorContains(t, err, want)
	}
}
