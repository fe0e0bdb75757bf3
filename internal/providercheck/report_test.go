package providercheck_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/providercheck"
)

func TestTheReportForPeople(t *testing.T) {
	t.Parallel()
	d := newDouble(t)
	delete(d.document, "grant_types_supported")
	d.document["scopes_supported"] = []string{"read", "offline_access", "\x1b[2J\u202eevil*"}
	report := check(t, d.asks())
	plain := text(t, report)
	require.Contains(t, plain, "\nAuthorization code and PKCE\n  ok       response-type-code        response_types_supported has code\n")
	require.Contains(t, plain, "\n  warning  grant-refresh-token       grant_types_supported, left out, which means authorization_code and implicit, lacks\n")
	require.Contains(t, plain, "\n                                why: Without refresh tokens")
	require.Contains(t, plain, "\n                             change: Support refresh tokens and list the grant type.\n")
	require.Contains(t, plain, "\nfit for MCP, with 2 warnings\n")
	require.NotContains(t, plain, "\x1b")
	require.NotContains(t, plain, "\u202e")
	for line := range strings.SplitSeq(plain, "\n") {
		require.LessOrEqual(t, utf8.RuneCountInString(line), 120, line)
		require.Equal(t, strings.TrimRight(line, " "), line)
	}
	var colored strings.Builder
	require.NoError(t, report.WriteText(&colored, true))
	require.Contains(t, colored.String(), "\x1b[33mwarning\x1b[0m  grant-refresh-token")
	require.Contains(t, colored.String(), "\x1b[33mfit for MCP, with 2 warnings\x1b[0m")
	require.NotContains(t, colored.String(), "\x1b[2J")
}

func TestTheReportForPrograms(t *testing.T) {
	t.Parallel()
	d := newDouble(t)
	delete(d.document, "code_challenge_methods_supported")
	data, err := json.Marshal(check(t, d.asks()))
	require.NoError(t, err)
	var got struct {
		Issuer, Verdict, Sentence  string
		Errors, Warnings, Requests int
		Findings                   []map[string]string
	}
	require.NoError(t, json.Unmarshal(data, &got))
	require.Equal(t, issuer, got.Issuer)
	require.Equal(t, "not fit", got.Verdict)
	require.Equal(t, "not fit for MCP: pkce-advertised; PKCE works, so clients that do not look get in, and every client behind a proxy that adds it to the metadata", got.Sentence)
	require.Equal(t, 1, got.Errors)
	require.Zero(t, got.Warnings)
	require.Positive(t, got.Requests)
	for _, f := range got.Findings {
		require.NotEmpty(t, f["why"])
		require.NotEmpty(t, f["seen"])
		if f["code"] == string(providercheck.PKCEAdvertised) {
			require.Equal(t, "error", f["level"])
			require.Equal(t, "pkce_not_supported", f["mcp_auth"])
			require.NotEmpty(t, f["change"])
		}
	}
}
