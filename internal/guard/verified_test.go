package guard_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
)

// What is remembered of a token may not outlive the reasons for it.
func TestARememberedTokenEndsWithItsTimeAndItsKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		is := newIssuer(t)
		g := is.guard(t)
		short, long := is.token(t, object{"exp": time.Now().Unix() + 60}), is.token(t, object{"exp": time.Now().Unix() + 7200})
		verify := func(token, refused string) {
			t.Helper()
			_, err := g.Verify(t.Context(), token)
			if refused == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, refused)
			}
		}
		refresh := func() { // the set at hand is old after five minutes, and fetched behind the request that finds it so
			time.Sleep(6 * time.Minute)
			_, _ = g.Verify(t.Context(), long)
			synctest.Wait()
		}
		for range 2 {
			verify(short, "")
			verify(long, "")
		}
		time.Sleep(60 * time.Second)
		verify(short, "has expired")

		ec, rs := jwk(t, "ec", "ES256", &is.ec.PublicKey), jwk(t, "rsa", "RS256", &rsaKey().PublicKey)
		another := newECKey(t)
		is.publish(t, rs)
		refresh()
		verify(long, "no such key")
		is.publish(t, rs, ec)
		refresh()
		verify(long, "")
		is.publish(t, jwk(t, "ec", "ES256", &another.PublicKey))
		refresh()
		verify(long, "signature does not hold")
		is.publish(t, jwk(t, "ec2", "ES256", &is.ec.PublicKey))
		refresh()
		verify(long, "no such key")
		is.publish(t, ec)
		refresh()
		verify(long, "")
		is.answer(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "down", http.StatusInternalServerError) })
		refresh()
		verify(long, "")
	})
}

func TestARememberedIdentityIsTheReceiversOwn(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	g := is.guard(t)
	token := is.token(t)
	for range 3 {
		id, err := g.Verify(t.Context(), token)
		require.NoError(t, err)
		require.Equal(t, []string{"create:todos", "read:todos"}, id.Scopes)
		require.Equal(t, []string{"Admin"}, id.Roles)
		id.Scopes[0], id.Roles[0] = "delete:todos", "Root"
	}
}

// Another token with the same claims, or the same token with another signature, is another token.
func TestOnlyTheVeryTokenIsRemembered(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	g := is.guard(t)
	token := is.token(t)
	_, err := g.Verify(t.Context(), token)
	require.NoError(t, err)
	for i := range len(token) {
		changed := []byte(token)
		changed[i] ^= 1
		_, err := g.Verify(t.Context(), string(changed))
		require.Error(t, err, i)
	}
}

func TestRotationUnderLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		is := newIssuer(t)
		g := is.guard(t)
		token := is.token(t, object{"exp": time.Now().Unix() + 100_000})
		ec, rs := jwk(t, "ec", "ES256", &is.ec.PublicKey), jwk(t, "rsa", "RS256", &rsaKey().PublicKey)
		var wg sync.WaitGroup
		stop := make(chan struct{})
		for range 8 {
			wg.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						_, _ = g.Verify(t.Context(), token)
						time.Sleep(7 * time.Second)
					}
				}
			})
		}
		for range 10 {
			is.publish(t, rs)
			time.Sleep(10 * time.Minute)
			_, err := g.Verify(t.Context(), token)
			require.Error(t, err)
			is.publish(t, rs, ec)
			time.Sleep(10 * time.Minute)
			_, err = g.Verify(t.Context(), token)
			require.NoError(t, err)
		}
		close(stop)
		wg.Wait()
	})
}

func BenchmarkVerify(b *testing.B) {
	is := newIssuer(b)
	keys := map[string]struct {
		sign func(n int) string
		key  any
	}{
		"ES256": {func(n int) string { return is.token(b, object{"jti": fmt.Sprint(n)}) }, &is.ec.PublicKey},
		"RS256": {func(n int) string {
			return sign(b, rsaKey(), header(object{"alg": "RS256", "kid": "rsa"}), claims(object{"jti": fmt.Sprint(n)}))
		}, &rsaKey().PublicKey},
	}
	for alg, k := range keys {
		tokens := make([]string, 512)
		for i := range tokens {
			tokens[i] = k.sign(i)
		}
		b.Run(alg+"/cached", func(b *testing.B) {
			g := is.guard(b)
			b.ReportAllocs()
			for b.Loop() {
				verify(b, g, tokens[0])
			}
		})
		// Turn by turn, so that whatever else the machine does slows both down.
		b.Run(alg+"/new", func(b *testing.B) {
			g := is.guard(b)
			verify(b, g, k.sign(-1)) // fetches the keys
			var ours, bare time.Duration
			i := 0
			for b.Loop() {
				if i == len(tokens) { // all are known now
					g, i = is.guard(b), 0
					verify(b, g, k.sign(-1))
				}
				began := time.Now()
				verify(b, g, tokens[i])
				between := time.Now()
				signed, err := jose.ParseSignedCompact(tokens[i], []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := signed.Verify(k.key); err != nil {
					b.Fatal(err)
				}
				ours, bare, i = ours+between.Sub(began), bare+time.Since(between), i+1
			}
			b.ReportMetric(float64(ours.Nanoseconds())/float64(b.N), "guard-ns/op")
			b.ReportMetric(float64(bare.Nanoseconds())/float64(b.N), "bare-ns/op")
			b.ReportMetric(float64((ours-bare).Nanoseconds())/float64(b.N), "over-ns/op")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func verify(b *testing.B, g *guard.Guard, token string) {
	if _, err := g.Verify(b.Context(), token); err != nil {
		b.Fatal(err)
	}
}
