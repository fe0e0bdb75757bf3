package e2e

import (
	"fmt"
	"slices"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/profile"
)

type identity struct {
	Subject string   `json:"subject"`
	Issuer  string   `json:"issuer"`
	Client  string   `json:"client"`
	Scopes  []string `json:"scopes"`
	Roles   []string `json:"roles"`
}

// identityOf calls whoami. Scopes and roles are sets, so their order says nothing.
func identityOf(t *testing.T, session *mcp.ClientSession) identity {
	t.Helper()
	who := call[identity](t, session, "whoami", nil)
	slices.Sort(who.Scopes)
	slices.Sort(who.Roles)
	return who
}

// rights are what a person may do, by the tutorial's rules.
var rights = []struct {
	person string
	scopes []string
	roles  []string
	all    bool // reads and deletes everybody's
}{
	{"alice", []string{"create:todos", "read:todos", "delete:todos"}, []string{"Admin"}, true},
	{"bob", []string{"create:todos"}, []string{"User"}, false},
	{"carol", []string{"create:todos"}, []string{"User"}, false},
}

// TestEveryoneHasExactlyTheRightsOfTheRole is the matrix: people, tools on own and foreign todos, registration, request style, era.
func TestEveryoneHasExactlyTheRightsOfTheRole(t *testing.T) {
	t.Parallel()
	onEvery(t, everyoneHasExactlyTheRightsOfTheRole)
}

func everyoneHasExactlyTheRightsOfTheRole(t *testing.T, on *target) {
	for _, client := range []string{"pre-registered", "dynamic"} {
		registered := client == "pre-registered"
		if !registered && !on.registers {
			require.True(t, on.profile.HasQuirk("no-registration"), "clients cannot register themselves, and the profile does not say so")
			continue
		}
		for _, style := range on.styles {
			for _, protocol := range eras {
				t.Run(fmt.Sprintf("%s/%s/%s", client, style, protocol), func(t *testing.T) {
					t.Parallel()
					sessions := map[string]*mcp.ClientSession{}
					for _, r := range rights {
						v := &visitor{people: []string{r.person}, registered: registered, style: style, protocol: protocol, scopes: on.grantable(r.scopes)}
						sessions[r.person] = v.visit(t, on)
					}
					refusal := "delete" // the challenge says it
					if style == profile.TargetResource {
						refusal = on.refusal(refusal) // to a client that steps up
					}
					for i, r := range rights {
						other := rights[(i+1)%len(rights)].person
						checkRights(t, on, sessions[r.person], sessions[other], r.scopes, r.roles, r.all, refusal)
					}
				})
			}
		}
	}
}

func checkRights(t *testing.T, on *target, session, other *mcp.ClientSession, scopes, roles []string, all bool, refusal string) {
	t.Helper()
	who := identityOf(t, session)
	require.ElementsMatch(t, scopes, on.granted(who.Scopes))
	require.Equal(t, on.told(roles), who.Roles)
	require.NotEmpty(t, who.Subject)
	require.NotEmpty(t, who.Client)

	own, foreign := create(t, session, "mine"), create(t, other, "not mine")
	require.Equal(t, who.Subject, own.OwnerID)
	require.NotEqual(t, who.Subject, foreign.OwnerID)

	seen := list(t, session)
	require.Contains(t, seen, own.ID, "everybody sees their own")
	if all {
		require.Contains(t, seen, foreign.ID)
	} else {
		for _, item := range seen {
			require.Equal(t, who.Subject, item.OwnerID, "without read:todos a list holds the caller's own only")
		}
	}

	require.NoError(t, remove(t, session, own.ID), "everybody deletes their own")
	require.NotContains(t, list(t, session), own.ID)
	err := remove(t, session, foreign.ID)
	if all {
		require.NoError(t, err)
		return
	}
	require.ErrorContains(t, err, refusal)
	require.Contains(t, list(t, other), foreign.ID, "a refused delete deletes nothing")
	after := identityOf(t, session)
	after.Client = who.Client // go-sdk's client registers anew when it steps up
	require.Equal(t, who, after, "the session lives on after a refusal")
}
