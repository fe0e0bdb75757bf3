package e2e

import (
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/profile"
)

// eras are the protocol versions that flows run under: the newest, and the newest that begins with initialize.
var eras = []string{modern, legacy}

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
	on := newTarget(t, setup{})
	inBothEras(t, func(t *testing.T, protocol string) {
		foreign := create(t, (&visitor{people: []string{"bob"}, protocol: protocol}).visit(t, on), "bob's")
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
	on := newTarget(t, setup{})
	inBothEras(t, func(t *testing.T, protocol string) {
		foreign := create(t, (&visitor{people: []string{"carol"}, protocol: protocol}).visit(t, on), "carol's")
		bob := &visitor{people: []string{"bob"}, protocol: protocol}
		session := bob.visit(t, on)
		for attempt := 1; attempt <= 2; attempt++ {
			require.ErrorContains(t, remove(t, session, foreign.ID), "no todo of yours has this id; deleting others' needs delete:todos")
			require.Equal(t, 1+attempt, bob.signed(), "one sign-in for each refused call, and no loop")
		}
		own := create(t, session, "after the refusals")
		require.NoError(t, remove(t, session, own.ID))
	})
}

func TestAnotherPersonMaySignInForAStepUp(t *testing.T) {
	t.Parallel()
	on := newTarget(t, setup{})
	inBothEras(t, func(t *testing.T, protocol string) {
		foreign := create(t, (&visitor{people: []string{"carol"}, protocol: protocol}).visit(t, on), "carol's")
		v := &visitor{people: []string{"bob", "alice"}, protocol: protocol}
		session := v.visit(t, on)
		bob := identityOf(t, session).Subject
		require.NoError(t, remove(t, session, foreign.ID))
		require.NotEqual(t, bob, identityOf(t, session).Subject, "no session at the authorization server holds bob fast")
	})
}

func TestARefusedDeleteTellsNobodyWhichIDsExist(t *testing.T) {
	t.Parallel()
	on := newTarget(t, setup{})
	foreign := create(t, (&visitor{people: []string{"alice"}}).visit(t, on), "alice's")
	// A client that cannot sign in again shows the challenge itself.
	session := (&visitor{people: []string{"bob"}, registered: true, style: profile.TargetScope}).visit(t, on)
	there, gone := remove(t, session, foreign.ID), remove(t, session, "AAAAAAAAAAAAAAAAAAAAAAAAAA")
	require.ErrorContains(t, there, `error="insufficient_scope"`)
	require.EqualError(t, gone, there.Error())
}

// TestWhoeverIsGrantedNothingKeepsTheirOwnTodos is about a token that is for this server though no scope of it was granted.
func TestWhoeverIsGrantedNothingKeepsTheirOwnTodos(t *testing.T) {
	t.Parallel()
	on := newTarget(t, setup{})
	own := create(t, (&visitor{people: []string{"bob"}}).visit(t, on), "bob's")
	session := (&visitor{people: []string{"bob"}, registered: true, style: profile.TargetScope, scopes: []string{"read:todos"}}).visit(t, on)
	require.Empty(t, on.granted(identityOf(t, session).Scopes))
	require.Contains(t, list(t, session), own.ID)
	require.NoError(t, remove(t, session, own.ID))
}

// TestAClientMayNameItsScopesWhenItRegisters is what the MCP Inspector and others do.
func TestAClientMayNameItsScopesWhenItRegisters(t *testing.T) {
	t.Parallel()
	on := newTarget(t, setup{})
	if !on.registers {
		lacks(t, registration)
	}
	for _, r := range rights {
		session := (&visitor{people: []string{r.person}, declares: true, style: profile.TargetScope}).visit(t, on)
		require.ElementsMatch(t, r.scopes, on.granted(identityOf(t, session).Scopes))
	}
}

func TestADeniedConsentReachesTheCaller(t *testing.T) {
	t.Parallel()
	on := newTarget(t, setup{})
	inBothEras(t, func(t *testing.T, protocol string) {
		_, err := (&visitor{people: []string{"bob"}, protocol: protocol, deny: true}).connect(t, on)
		require.ErrorContains(t, err, "access_denied")
	})
}

func TestTokensOutliveARotationOfTheSigningKey(t *testing.T) {
	t.Parallel()
	on := newTarget(t, setup{})
	if on.idp == nil {
		lacks(t, rotation)
	}
	inBothEras(t, func(t *testing.T, protocol string) {
		before := (&visitor{people: []string{"bob"}, protocol: protocol}).visit(t, on)
		create(t, before, "under the old key")
		require.NoError(t, on.idp.RotateKeys())
		after := (&visitor{people: []string{"bob"}, protocol: protocol}).visit(t, on)
		create(t, after, "under the new key")
		create(t, before, "still under the old key")
	})
}

func TestOneEndpointServesEveryEraAtOnce(t *testing.T) {
	t.Parallel()
	on := newTarget(t, setup{})
	var sessions []*mcp.ClientSession
	for _, protocol := range eras {
		sessions = append(sessions, (&visitor{people: []string{"bob"}, protocol: protocol}).visit(t, on))
	}
	made := create(t, sessions[0], "made in one era")
	require.Equal(t, made, list(t, sessions[1])[made.ID], "read in the other")
}
