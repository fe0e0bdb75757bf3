package e2e

import (
	"net/http"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"
)

// eras are the protocol versions that flows run under: the newest, and the newest that begins with initialize.
var eras = []string{modern, legacy}

// ofUser are the scopes of the role User.
var ofUser = []string{"create:todos"}

func inBothEras(t *testing.T, flow func(t *testing.T, protocol string)) {
	for _, protocol := range eras {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			flow(t, protocol)
		})
	}
}

func TestAClientStepsUpToWhatTheRoleAllows(t *testing.T) {
	t.Parallel()
	onEveryForMCPClients(t, aClientStepsUpToWhatTheRoleAllows)
}

func aClientStepsUpToWhatTheRoleAllows(t *testing.T, on *target) {
	inBothEras(t, func(t *testing.T, protocol string) {
		foreign := create(t, (&visitor{people: []string{"bob"}, protocol: protocol, scopes: on.grantable(ofUser)}).visit(t, on), "bob's")
		alice := &visitor{people: []string{"alice"}, protocol: protocol, scopes: []string{"create:todos"}}
		session := alice.visit(t, on)
		require.Equal(t, []string{"create:todos"}, on.granted(identityOf(t, session).Scopes))
		require.Equal(t, 1, alice.signed())

		require.NoError(t, remove(t, session, foreign.ID))
		require.Equal(t, 2, alice.signed(), "the challenge sends the client to the authorization server once")
		require.Contains(t, identityOf(t, session).Scopes, "delete:todos")
		require.Contains(t, identityOf(t, session).Scopes, "create:todos", "a step-up asks for the union")
	})
}

func TestAStepUpThatTheRoleNeverAllowsEndsInOneClearError(t *testing.T) {
	t.Parallel()
	onEveryForMCPClients(t, aStepUpThatTheRoleNeverAllowsEndsInOneClearError)
}

func aStepUpThatTheRoleNeverAllowsEndsInOneClearError(t *testing.T, on *target) {
	inBothEras(t, func(t *testing.T, protocol string) {
		foreign := create(t, (&visitor{people: []string{"carol"}, protocol: protocol, scopes: on.grantable(ofUser)}).visit(t, on), "carol's")
		bob := &visitor{people: []string{"bob"}, protocol: protocol, scopes: on.grantable(ofUser)}
		session := bob.visit(t, on)
		for attempt := 1; attempt <= 2; attempt++ {
			require.ErrorContains(t, remove(t, session, foreign.ID), on.refusal("no todo of yours has this id; deleting others' needs delete:todos"))
			require.Equal(t, 1+attempt, bob.signed(), "one sign-in for each refused call, and no loop")
		}
		own := create(t, session, "after the refusals")
		require.NoError(t, remove(t, session, own.ID))
	})
}

func TestAnotherPersonMaySignInForAStepUp(t *testing.T) {
	t.Parallel()
	onEveryForMCPClients(t, anotherPersonMaySignInForAStepUp)
}

func anotherPersonMaySignInForAStepUp(t *testing.T, on *target) {
	inBothEras(t, func(t *testing.T, protocol string) {
		foreign := create(t, (&visitor{people: []string{"carol"}, protocol: protocol, scopes: on.grantable(ofUser)}).visit(t, on), "carol's")
		v := &visitor{people: []string{"bob", "alice"}, protocol: protocol, scopes: on.grantable(ofUser)}
		session := v.visit(t, on)
		bob := identityOf(t, session).Subject
		require.NoError(t, remove(t, session, foreign.ID))
		require.NotEqual(t, bob, identityOf(t, session).Subject, "no session at the authorization server holds bob fast")
	})
}

func TestARefusedDeleteTellsNobodyWhichIDsExist(t *testing.T) {
	t.Parallel()
	onEvery(t, aRefusedDeleteTellsNobodyWhichIDsExist)
}

func aRefusedDeleteTellsNobodyWhichIDsExist(t *testing.T, on *target) {
	foreign := create(t, (&visitor{people: []string{"alice"}}).visit(t, on), "alice's")
	// A client that cannot sign in again shows the challenge itself.
	session := (&visitor{people: []string{"bob"}, registered: true, carried: true, scopes: on.grantable(ofUser)}).visit(t, on)
	there, gone := remove(t, session, foreign.ID), remove(t, session, "AAAAAAAAAAAAAAAAAAAAAAAAAA")
	require.ErrorContains(t, there, `error="insufficient_scope"`)
	require.EqualError(t, gone, there.Error())
}

// TestWhoeverIsGrantedNothingKeepsTheirOwnTodos is about a token that is for this server though no scope of it was granted.
func TestWhoeverIsGrantedNothingKeepsTheirOwnTodos(t *testing.T) {
	t.Parallel()
	onEvery(t, whoeverIsGrantedNothingKeepsTheirOwnTodos)
}

func whoeverIsGrantedNothingKeepsTheirOwnTodos(t *testing.T, on *target) {
	own := create(t, (&visitor{people: []string{"bob"}, scopes: on.grantable(ofUser)}).visit(t, on), "bob's")
	session, err := (&visitor{people: []string{"bob"}, registered: true, carried: true, scopes: []string{"read:todos"}}).connect(t, on)
	if on.profile.HasQuirk("nothing-granted-is-denied") || on.profile.HasQuirk("scope-by-policy") {
		require.ErrorContains(t, err, "authorization response: access_denied")
		return
	}
	if on.profile.HasQuirk("scopeless-refused") {
		require.ErrorContains(t, err, `error="invalid_token"`)
		return
	}
	require.NoError(t, err)
	require.Empty(t, on.granted(identityOf(t, session).Scopes))
	require.Contains(t, list(t, session), own.ID)
	require.NoError(t, remove(t, session, own.ID))
}

// TestAClientMayNameItsScopesWhenItRegisters is what the MCP Inspector and others do.
func TestAClientMayNameItsScopesWhenItRegisters(t *testing.T) {
	t.Parallel()
	onEvery(t, aClientMayNameItsScopesWhenItRegisters)
}

func aClientMayNameItsScopesWhenItRegisters(t *testing.T, on *target) {
	if !on.registers {
		require.True(t, on.profile.HasQuirk("no-registration"), "clients cannot register themselves, and the profile does not say so")
		return
	}
	for _, r := range rights {
		session := (&visitor{people: []string{r.person}, declares: true, carried: true}).visit(t, on)
		require.ElementsMatch(t, r.scopes, on.granted(identityOf(t, session).Scopes))
	}
}

func TestADeniedConsentReachesTheCaller(t *testing.T) {
	t.Parallel()
	onEveryForMCPClients(t, aDeniedConsentReachesTheCaller)
}

func aDeniedConsentReachesTheCaller(t *testing.T, on *target) {
	inBothEras(t, func(t *testing.T, protocol string) {
		_, err := (&visitor{people: []string{"bob"}, protocol: protocol, deny: true}).connect(t, on)
		if on.profile.HasQuirk("consent-unasked") {
			require.NoError(t, err, "there is nothing to press deny on")
			return
		}
		require.ErrorContains(t, err, "access_denied")
	})
}

func TestTokensOutliveARotationOfTheSigningKey(t *testing.T) {
	t.Parallel()
	onEvery(t, tokensOutliveARotationOfTheSigningKey)
}

func tokensOutliveARotationOfTheSigningKey(t *testing.T, on *target) {
	if on.idp == nil {
		lacks(t, rotation)
	}
	inBothEras(t, func(t *testing.T, protocol string) {
		before := (&visitor{people: []string{"bob"}, protocol: protocol, scopes: on.grantable(ofUser)}).visit(t, on)
		create(t, before, "under the old key")
		require.NoError(t, on.idp.RotateKeys())
		after := (&visitor{people: []string{"bob"}, protocol: protocol, scopes: on.grantable(ofUser)}).visit(t, on)
		create(t, after, "under the new key")
		create(t, before, "still under the old key")
	})
}

func TestOneEndpointServesEveryEraAtOnce(t *testing.T) {
	t.Parallel()
	on := newTarget(t, setup{})
	var sessions []*mcp.ClientSession
	for _, protocol := range eras {
		sessions = append(sessions, (&visitor{people: []string{"bob"}, protocol: protocol, scopes: on.grantable(ofUser)}).visit(t, on))
	}
	made := create(t, sessions[0], "made in one era")
	require.Equal(t, made, list(t, sessions[1])[made.ID], "read in the other")
}

func TestAnUnknownMethodIsSaidToBeUnknownInEveryEra(t *testing.T) {
	t.Parallel()
	on := newTarget(t, setup{})
	token, err := (&visitor{people: []string{"bob"}, registered: true}).token(t.Context(), on)
	require.NoError(t, err)
	inBothEras(t, func(t *testing.T, protocol string) {
		status, answer := on.post(t, token.AccessToken,
			`{"jsonrpc":"2.0","id":7,"method":"no/such","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"`+protocol+`","io.modelcontextprotocol/clientCapabilities":{}}}}`,
			map[string]string{"MCP-Protocol-Version": protocol, "Mcp-Method": "no/such"})
		require.Contains(t, []int{http.StatusBadRequest, http.StatusNotFound}, status)
		require.Contains(t, answer, `"id":7`)
		require.Contains(t, answer, `"code":-32601`)
	})
}
