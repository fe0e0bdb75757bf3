package engine

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

func reader(reusable bool) *Engine {
	p := personality.Strict()
	p.Refresh = personality.Refresh{Readable: true, Reusable: reusable}
	return &Engine{Config: Config{Personality: p}, sealed: newSealed(), references: newReferences(false), handles: newHandles()}
}

func (e *Engine) readableToken(t testing.TB, of handle, typ string) string {
	t.Helper()
	var generation tail
	binary.BigEndian.PutUint32(generation[:], of.generation)
	token, err := e.sealed.sign(map[string]any{"typ": typ, "jti": e.references.uuid(of.grant, generation)})
	require.NoError(t, err)
	return token
}

func TestARefreshTokenThatCanBeReadHidesItsHandle(t *testing.T) {
	t.Parallel()
	e := reader(false)
	of := handle{grant: store.NewGrantID(), generation: 7}
	for typ, want := range map[string]string{"Refresh": of.signature(), "Offline": of.signature(), "RegistrationAccessToken": "", "": ""} {
		require.Equal(t, want, e.refreshSignature(e.readableToken(t, of, typ)), typ)
	}
	require.Empty(t, e.refreshSignature(reader(false).readableToken(t, of, "Refresh")), "another server's")
	require.Empty(t, e.refreshSignature(e.handles.token(of)), "a bare handle is no such token")
	of.generation = 1
	require.Equal(t, of.signature(), reader(true).refreshSignatureOf(t, of), "one that stays good says no generation")
}

func (e *Engine) refreshSignatureOf(t testing.TB, of handle) string {
	t.Helper()
	of.generation = 1 << 30
	return e.refreshSignature(e.readableToken(t, of, "Refresh"))
}

// Nobody but the server makes a refresh token that can be read.
func FuzzReadableRefreshToken(f *testing.F) {
	e := reader(false)
	of := handle{grant: store.NewGrantID(), generation: 7}
	own := e.readableToken(f, of, "Refresh")
	unsigned := own[:strings.LastIndexByte(own, '.')+1]
	for _, seed := range []string{own, unsigned, own + ".", strings.ToUpper(own), "", "..", "e30.e30.", own[:len(own)-1], unsigned + unsigned} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if signature := e.refreshSignature(token); signature != "" {
			require.Equal(t, of.signature(), signature)
			require.Equal(t, unsigned, token[:strings.LastIndexByte(token, '.')+1], "what is signed is what was made")
		}
	})
}
