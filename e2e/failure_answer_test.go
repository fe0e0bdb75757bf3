package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/providercheck"
)

// Failure 19: iss is promised and not there, or it is another server's: a mix-up (RFC 9207 section 2.4).
func TestAnAnswerWithoutTheIssuerOrOfAnotherIsNotUsed(t *testing.T) {
	t.Parallel()
	offline(t)
	for fault, row := range map[string]struct{ sdk, seen string }{
		"iss-missing": {"advertises RFC 9207 iss parameter support but none was received", "iss is advertised and missing"},
		"iss-wrong":   {`authorization response issuer "https://another-idp.example" does not match`, `got "https://another-idp.example"`},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			on := newTarget(t, setup{faults: []string{fault}})
			token, err := (&visitor{people: []string{"bob"}, registered: true, trusting: true}).token(t.Context(), on)
			require.NoError(t, err, "a client that does not look redeems a code whatever server it is from")
			on.accepted(t, token.AccessToken)

			on.wire.forget()
			_, err = (&visitor{people: []string{"bob"}, trusting: true}).connect(t, on)
			require.ErrorContains(t, err, row.sdk)
			require.Zero(t, on.wire.grants("authorization_code"), "the code is shown to nobody")
			seen := on.diagnosis(t, on.byHand("create:todos"))[providercheck.IssSent]
			require.Equal(t, providercheck.Error, seen.Level)
			require.Contains(t, seen.Seen, row.seen)
		})
	}
	on := newTarget(t, setup{as: "okta"}) // neither promised nor sent
	require.Equal(t, providercheck.Warning, on.diagnosis(t, on.byHand("create:todos"))[providercheck.IssAdvertised].Level)
	(&visitor{people: []string{"bob"}, registered: true, scopes: ofUser}).visit(t, on)
}
