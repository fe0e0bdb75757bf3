package hostile_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/hostile"
)

var algorithms = []string{"ES256", "RS256"}

func world(t *testing.T, algorithm string) hostile.World {
	t.Helper()
	keys, err := hostile.NewKeyRing(algorithm)
	require.NoError(t, err)
	return hostile.World{
		Issuer: "http://127.0.0.1:4444", Resource: "http://127.0.0.1:3001/mcp", Subject: "somebody", Client: "client", Keys: keys,
		Canary: "http://127.0.0.1:5555", Victim: "victim", IDToken: "id.to.ken", RefreshToken: "refresh", Now: time.Now(),
	}
}

func TestThereAreCasesOfEveryFamily(t *testing.T) {
	t.Parallel()
	for _, algorithm := range algorithms {
		seen := map[string]bool{}
		families := map[string]int{}
		refused, honest := 0, 0
		for _, c := range hostile.Cases(algorithm) {
			id := c.Family + "/" + c.Name
			require.NotContains(t, seen, id, "two cases of one name")
			seen[id] = true
			require.NotEmpty(t, c.Source, id)
			families[c.Family]++
			if c.Honest() {
				honest++
				require.Contains(t, c.Family, "honest", id)
			} else {
				refused++
			}
		}
		require.Greater(t, refused, 600)
		require.Greater(t, honest, 40)
		for _, family := range hostile.Families() {
			if family != "ecdsa" && family != "rsa" {
				require.NotZero(t, families[family], family)
			}
		}
		require.Equal(t, algorithm == "ES256", families["ecdsa"] > 0)
		require.Equal(t, algorithm == "RS256", families["rsa"] > 0)
	}
}

func TestTheHonestTokenIsOneByAnIndependentReading(t *testing.T) {
	t.Parallel()
	for _, algorithm := range algorithms {
		w := world(t, algorithm)
		parsed, err := jwt.ParseSigned(hostile.Honest(w), []jose.SignatureAlgorithm{jose.SignatureAlgorithm(algorithm)})
		require.NoError(t, err)
		require.Equal(t, w.Keys.ID, parsed.Headers[0].KeyID)
		require.Equal(t, "at+jwt", parsed.Headers[0].ExtraHeaders[jose.HeaderType])
		var claims jwt.Claims
		require.NoError(t, parsed.Claims(published(t, w.Keys, w.Keys.ID), &claims))
		require.NoError(t, claims.Validate(jwt.Expected{Issuer: w.Issuer, Subject: w.Subject, AnyAudience: jwt.Audience{w.Resource}, Time: w.Now}))
	}
}

// published reads one key of the key set as a client does.
func published(t *testing.T, keys *hostile.KeyRing, kid string) jose.JSONWebKey {
	t.Helper()
	for _, raw := range keys.KeySet() {
		var named struct {
			ID string `json:"kid"`
		}
		require.NoError(t, json.Unmarshal(raw, &named))
		if named.ID == kid {
			var key jose.JSONWebKey
			require.NoError(t, key.UnmarshalJSON(raw))
			require.True(t, key.Valid())
			return key
		}
	}
	require.Fail(t, "not published", kid)
	return jose.JSONWebKey{}
}

// Only what the case names may be wrong with a token: its signature holds wherever signing is not the point.
func TestSignaturesHoldWhereSigningIsNotThePoint(t *testing.T) {
	t.Parallel()
	for _, algorithm := range algorithms {
		w := world(t, algorithm)
		key := published(t, w.Keys, w.Keys.ID)
		for _, c := range hostile.Cases(algorithm) {
			switch c.Family {
			case "issuer", "audience", "time", "claims", "critical header", "scope", "http", "origin", "body", "order of checks":
			default:
				continue
			}
			token := c.Token(w)
			parts := strings.Split(token, ".")
			if strings.Contains(token, "..") || len(parts) != 3 {
				continue
			}
			header, err := base64.RawURLEncoding.DecodeString(parts[0])
			require.NoError(t, err)
			if strings.Contains(string(header), "crit") || strings.Contains(string(header), "b64") || strings.Contains(string(header), "CRIT") {
				continue // go-jose refuses to look
			}
			signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(algorithm)})
			require.NoError(t, err, c.Name)
			_, err = signed.Verify(key)
			require.NoError(t, err, c.Name)
		}
	}
}

func TestRequestsAreWhole(t *testing.T) {
	t.Parallel()
	leftOver := regexp.MustCompile(`\$[a-zA-Z]{2,}`)
	w := world(t, "ES256")
	for _, c := range hostile.Cases("ES256") {
		name := c.Family + "/" + c.Name
		token := c.Token(w)
		for _, part := range strings.SplitN(token, ".", 3)[:min(2, strings.Count(token, "."))] {
			text, _ := base64.RawURLEncoding.DecodeString(part) // some are no base64
			require.NotRegexp(t, leftOver, string(text), name)
		}
		for _, protocol := range []string{hostile.Modern, hostile.Legacy} {
			request, err := c.Request(w, protocol, token).HTTP(t.Context(), w.Resource, "7")
			require.NoError(t, err, name)
			body, err := io.ReadAll(request.Body)
			require.NoError(t, err)
			require.NotRegexp(t, leftOver, strings.Replace(string(body), "$ne", "", 1), name)
			for _, values := range request.Header {
				require.NotRegexp(t, leftOver, strings.Join(values, " "), name)
			}
		}
	}
}

func TestRequestsAreOfTheirProtocolRevision(t *testing.T) {
	t.Parallel()
	w := world(t, "ES256")
	honest := hostile.Cases("ES256")[0]
	old, current := honest.Request(w, hostile.Legacy, "t"), honest.Request(w, hostile.Modern, "t")
	require.Equal(t, hostile.Legacy, old.Header.Get("Mcp-Protocol-Version"))
	require.Empty(t, old.Header.Get("Mcp-Name"))
	require.NotContains(t, old.Body, "_meta")
	require.Equal(t, hostile.Modern, current.Header.Get("Mcp-Protocol-Version"))
	require.Equal(t, "whoami", current.Header.Get("Mcp-Name"))
	require.Contains(t, current.Body, `"io.modelcontextprotocol/protocolVersion":"2026-07-28"`)
}

func TestKeyRingsAreForTwoAlgorithms(t *testing.T) {
	t.Parallel()
	_, err := hostile.NewKeyRing("HS256")
	require.ErrorContains(t, err, `want ES256 or RS256, got "HS256"`)
}
