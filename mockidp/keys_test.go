package mockidp_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

func published(t *testing.T, idp *mockidp.Server) jose.JSONWebKeySet {
	t.Helper()
	res, err := idp.Client().Get(idp.Issuer() + "/jwks")
	require.NoError(t, err)
	defer res.Body.Close()
	var keys jose.JSONWebKeySet
	require.NoError(t, json.NewDecoder(res.Body).Decode(&keys))
	return keys
}

func pkcs8(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func curve(t *testing.T, c elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(c, rand.Reader)
	require.NoError(t, err)
	return key
}

func inFile(t *testing.T, content []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "key.pem")
	require.NoError(t, os.WriteFile(file, content, 0o600))
	return file
}

func TestASigningKeyFromAFileIsPublishedUnderItsThumbprint(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	p256, p384 := curve(t, elliptic.P256()), curve(t, elliptic.P384())
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	sec1, err := x509.MarshalECPrivateKey(p256)
	require.NoError(t, err)
	for name, row := range map[string]struct {
		file      []byte
		algorithm string // as configured
		signer    crypto.Signer
		want      string
	}{
		"PKCS #8, P-256":        {pkcs8(t, p256), "", p256, "ES256"},
		"PKCS #8, P-384":        {pkcs8(t, p384), "", p384, "ES384"},
		"PKCS #8, Ed25519":      {pkcs8(t, edwards), "", edwards, "EdDSA"},
		"PKCS #8, RSA":          {pkcs8(t, rsaKey), "", rsaKey, "RS256"},
		"PKCS #8, RSA, PSS":     {pkcs8(t, rsaKey), "PS256", rsaKey, "PS256"},
		"PKCS #1":               {pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rsaKey)}), "RS256", rsaKey, "RS256"},
		"SEC 1":                 {pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: sec1}), "", p256, "ES256"},
		"after what is no key":  {slices.Concat(pem.EncodeToMemory(&pem.Block{Type: "EC PARAMETERS", Bytes: []byte{6}}), pkcs8(t, p256)), "ES256", p256, "ES256"},
		"with text before it":   {append([]byte("made by hand\n"), pkcs8(t, p256)...), "", p256, "ES256"},
		"the first one of some": {append(pkcs8(t, p384), pkcs8(t, p256)...), "", p384, "ES384"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := mockidp.DefaultConfig()
			config.SigningKey, config.SigningAlgorithm = inFile(t, row.file), row.algorithm
			idp := mockidp.New(t, mockidp.Options{Config: &config})
			keys := published(t, idp).Keys
			require.Len(t, keys, 1)
			require.Equal(t, row.want, keys[0].Algorithm)
			require.Equal(t, row.signer.Public(), keys[0].Key, "and nothing private")
			thumbprint, err := keys[0].Thumbprint(crypto.SHA256)
			require.NoError(t, err)
			require.Equal(t, base64.RawURLEncoding.EncodeToString(thumbprint), keys[0].KeyID, "RFC 7638")

			parsed, err := jose.ParseSignedCompact(idp.Mint(nil, map[string]any{"sub": "a"}, nil), []jose.SignatureAlgorithm{jose.SignatureAlgorithm(row.want)})
			require.NoError(t, err)
			_, err = parsed.Verify(keys[0])
			require.NoError(t, err, "Mint signs with it")

			require.NoError(t, idp.RotateKeys())
			after := published(t, idp).Keys
			require.Len(t, after, 2)
			require.Equal(t, keys[0].KeyID, after[1].KeyID)
			require.Equal(t, row.want, after[0].Algorithm)
		})
	}
}

func TestAKeyFileThatCannotSignIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	for name, row := range map[string]struct {
		file      []byte
		algorithm string
		says      string
	}{
		"empty":             {nil, "", "holds no private key"},
		"a public key only": {pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte("x")}), "", "holds no private key"},
		"damaged":           {pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("s3cret")}), "", "the PRIVATE KEY block is damaged"},
		"encrypted":         {pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("x")}), "", "without a passphrase"},
		"encrypted, old":    {pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"DEK-Info": "AES-128-CBC,00"}, Bytes: []byte("x")}), "", "without a passphrase"},
		"a short RSA key":   {pkcs8(t, short), "", "1024 bits is too short"},
		"another curve":     {pkcs8(t, curve(t, elliptic.P521())), "", "want P-256 or P-384"},
		"another algorithm": {pkcs8(t, curve(t, elliptic.P384())), "ES256", "the key is for ES384, and signing_algorithm is ES256"},
	} {
		config := mockidp.DefaultConfig()
		config.SigningKey, config.SigningAlgorithm = inFile(t, row.file), row.algorithm
		_, err := mockidp.Start(mockidp.Options{Config: &config})
		require.ErrorContains(t, err, row.says, name)
		require.True(t, strings.HasPrefix(err.Error(), "signing_key: "), name)
		require.NotContains(t, err.Error(), "s3cret")
	}
	config := mockidp.DefaultConfig()
	config.SigningKey = filepath.Join(t.TempDir(), "missing.pem")
	_, err = mockidp.Start(mockidp.Options{Config: &config})
	require.ErrorContains(t, err, "missing.pem")
}

func TestMintSignsByTheKindOfKey(t *testing.T) {
	t.Parallel()
	idp := mockidp.New(t, mockidp.Options{})
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	for algorithm, key := range map[jose.SignatureAlgorithm]crypto.Signer{
		jose.ES256: curve(t, elliptic.P256()), jose.ES384: curve(t, elliptic.P384()), jose.ES512: curve(t, elliptic.P521()), jose.EdDSA: edwards,
	} {
		token := idp.Mint(map[string]any{"alg": string(algorithm)}, map[string]any{"sub": "a"}, key)
		parsed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{algorithm})
		require.NoError(t, err, algorithm)
		_, err = parsed.Verify(key.Public())
		require.NoError(t, err, algorithm)
	}
}
