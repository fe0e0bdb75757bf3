package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTroubleWithAColdIssuerRefusesOnlyWhatCannotBeJudged(t *testing.T) {
	t.Parallel()
	for name, trouble := range troubles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ail(t, trouble, func(t *testing.T, on *target, issuer *ailing) {
				issuer.set(true)
				good := "Bearer " + minted(on, nil)
				for range 3 {
					asked := time.Now()
					got := on.ask(t, "")
					require.Equal(t, []any{401, ""}, []any{got.status, got.challengeError(t)})
					got = on.ask(t, "Bearer a b")
					require.Equal(t, []any{400, "invalid_request"}, []any{got.status, got.challengeError(t)})
					got = on.ask(t, "Bearer "+minted(on, map[string]any{"exp": 1}))
					require.Equal(t, []any{401, "invalid_token"}, []any{got.status, got.challengeError(t)})
					require.Zero(t, time.Since(asked), "what can be judged does not wait for the issuer")

					got = on.ask(t, good)
					require.Equal(t, 503, got.status)
					require.NotEmpty(t, got.header.Get("Retry-After"))
					require.Empty(t, got.header.Get("WWW-Authenticate"), "a challenge would send clients into a new sign-in")
					require.Equal(t, "application/json", got.header.Get("Content-Type"))
					require.Contains(t, string(got.body), `"id":7`)
					require.LessOrEqual(t, time.Since(asked), 5*time.Second)
				}
				issuer.set(false)
				eventually(t, 5*time.Second, "recovered", func() bool { return on.ask(t, good).status == 200 })
				require.Empty(t, issuer.lost, "a redirect was followed")
			})
		})
	}
}

func TestTroubleWithAWarmIssuerStopsNobodyWhoseKeyIsKnown(t *testing.T) {
	t.Parallel()
	for name, trouble := range troubles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ail(t, trouble, func(t *testing.T, on *target, issuer *ailing) {
				good := "Bearer " + minted(on, nil)
				require.Equal(t, 200, on.ask(t, good).status)
				issuer.set(true)
				require.NoError(t, on.idp.RotateKeys())
				rotated := "Bearer " + minted(on, nil)
				for range 5 {
					unknown := make(chan int)
					go func() { unknown <- on.status(t, rotated) }()
					time.Sleep(time.Millisecond) // the other request is under way
					asked := time.Now()
					require.Equal(t, 200, on.ask(t, good).status)
					require.Zero(t, time.Since(asked), "a known key waits for no fetch")
					require.Equal(t, 503, <-unknown, "the key may be a new one")
					require.LessOrEqual(t, time.Since(asked), 5*time.Second)
					time.Sleep(4 * time.Minute) // past the age of the key set
				}
				issuer.set(false)
				eventually(t, 10*time.Second, "the key rotated in meanwhile", func() bool { return on.ask(t, rotated).status == 200 })
				require.Equal(t, 200, on.ask(t, good).status)
				require.Empty(t, issuer.lost, "a redirect was followed")
			})
		})
	}
}

func TestAFloodOfUnknownKeysFetchesLittleAndHidesNoRotation(t *testing.T) {
	t.Parallel()
	ail(t, nil, func(t *testing.T, on *target, issuer *ailing) {
		good := "Bearer " + minted(on, nil)
		require.Equal(t, 200, on.ask(t, good).status)
		before := issuer.count()
		const senders, each = 4, 1250
		var flood sync.WaitGroup
		for sender := range senders {
			flood.Go(func() {
				for i := range each {
					token := on.idp.Mint(map[string]any{"kid": fmt.Sprintf("unknown-%d-%d", sender, i)}, claims(on, nil), nil)
					if !assert.Equal(t, 401, on.status(t, "Bearer "+token)) {
						return
					}
					time.Sleep(16 * time.Millisecond)
				}
			})
		}
		time.Sleep(5 * time.Second)
		require.NoError(t, on.idp.RotateKeys())
		rotated := "Bearer " + minted(on, nil)
		eventually(t, 10*time.Second, "the key rotated in meanwhile", func() bool {
			asked := time.Now()
			require.Equal(t, 200, on.ask(t, good).status)
			require.Zero(t, time.Since(asked), "a known key waits for no fetch")
			return on.ask(t, rotated).status == 200
		})
		flood.Wait()
		require.LessOrEqual(t, issuer.count()-before, 10, "fetches for %d unknown keys", senders*each)
	})
}

// eventually asks every quarter of a second.
func eventually(t *testing.T, within time.Duration, what string, happened func() bool) {
	t.Helper()
	for began := time.Now(); !happened(); time.Sleep(250 * time.Millisecond) {
		require.LessOrEqual(t, time.Since(began), within, what)
	}
}

// minted is an honest token of the issuer, whose claims may be changed.
func minted(on *target, change map[string]any) string {
	return on.idp.Mint(nil, claims(on, change), nil)
}

func claims(on *target, change map[string]any) map[string]any {
	now := time.Now().Unix()
	c := map[string]any{
		"iss": on.issuer, "aud": on.url, "sub": "somebody", "client_id": "e2e", "jti": "1", "iat": now, "exp": now + 3600, "scope": "create:todos",
	}
	for name, value := range change {
		c[name] = value
	}
	return c
}

// ask calls whoami once, by hand.
func (on *target) ask(t *testing.T, authorization string) *answer {
	t.Helper()
	got, err := on.try(t.Context(), authorization)
	require.NoError(t, err)
	return got
}

// status is ask for goroutines, which must not end the test.
func (on *target) status(t *testing.T, authorization string) int {
	got, err := on.try(t.Context(), authorization)
	if !assert.NoError(t, err) {
		return 0
	}
	return got.status
}

func (on *target) try(ctx context.Context, authorization string) (*answer, error) {
	const body = `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"whoami","arguments":{}}}`
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, on.url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json, text/event-stream"}, "Mcp-Protocol-Version": {legacy}}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := on.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answered, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	return &answer{response.StatusCode, response.Header, answered, request.Method, "7"}, nil
}
