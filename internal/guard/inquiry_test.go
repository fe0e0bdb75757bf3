package guard_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
)

func TestTheIssuersWordIsGoodForAShortWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := time.Now().Unix()
		c := &clerk{answer: func(_ *http.Request, token string) (int, string, error) {
			switch token {
			case "good":
				return 200, active(), nil
			case "short":
				return 200, active(object{"exp": now + 4, "iat": nil}), nil
			case "eternal":
				return 200, active(object{"exp": nil}), nil
			}
			return 200, `{"active":false}`, nil
		}}
		g := introspecting(t, c)
		verify := func(token string, ok bool, asked int64) {
			t.Helper()
			before := c.asked.Load()
			_, err := g.Verify(t.Context(), token)
			require.Equal(t, ok, err == nil, "%s: %v", token, err)
			require.Equal(t, asked, c.asked.Load()-before, token)
		}
		verify("good", true, 1)
		verify("good", true, 0)
		verify("short", true, 1)
		verify("eternal", true, 1)
		verify("bad", false, 1)
		verify("bad", false, 0)
		time.Sleep(2600 * time.Millisecond)
		verify("bad", false, 1)
		verify("short", true, 0)
		time.Sleep(1400 * time.Millisecond)
		verify("short", false, 1) // at the instant of its exp, whatever the issuer still says
		verify("good", true, 0)
		time.Sleep(6 * time.Second)
		verify("good", true, 1)
		verify("eternal", true, 1)

		// Leeway forgives a clock, but from exp on the issuer's word is asked for each time.
		g = introspecting(t, c, func(o *guard.Options) { o.Leeway = time.Minute })
		now = time.Now().Unix()
		verify("short", true, 1)
		time.Sleep(4 * time.Second)
		verify("short", true, 1)
		verify("short", true, 1)
	})
}

func TestAFloodOfGarbageDrivesNoGoodTokenOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // the flood takes no time
		c := &clerk{answer: func(_ *http.Request, token string) (int, string, error) {
			if token == "good" {
				return 200, active(), nil
			}
			return 200, `{"active":false}`, nil
		}}
		g := introspecting(t, c)
		_, err := g.Verify(t.Context(), "good")
		require.NoError(t, err)
		for i := range 11_000 {
			_, err := g.Verify(t.Context(), fmt.Sprint("garbage", i))
			require.Error(t, err)
		}
		before := c.asked.Load()
		_, err = g.Verify(t.Context(), "good")
		require.NoError(t, err)
		require.Equal(t, before, c.asked.Load())
	})
}

func TestOneInquiryAToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &clerk{answer: func(*http.Request, string) (int, string, error) {
			time.Sleep(time.Second)
			return 200, active(), nil
		}}
		g := introspecting(t, c)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { // whoever asked first may leave
			_, err := g.Verify(ctx, "opaque")
			if !errors.Is(err, guard.ErrUnavailable) {
				t.Error(err)
			}
		})
		synctest.Wait()
		for range 50 {
			wg.Go(func() {
				if _, err := g.Verify(t.Context(), "opaque"); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		cancel()
		wg.Wait()
		require.EqualValues(t, 1, c.asked.Load())
	})
}

func TestAHangingIssuerIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang := atomic.Bool{}
		hang.Store(true)
		c := &clerk{answer: func(r *http.Request, _ string) (int, string, error) {
			if hang.Load() {
				<-r.Context().Done()
				return 0, "", r.Context().Err()
			}
			return 200, active(), nil
		}}
		g := introspecting(t, c)
		var wg sync.WaitGroup
		var atOnce atomic.Int64
		began := time.Now()
		for i := range 2000 {
			wg.Go(func() {
				_, err := g.Verify(t.Context(), fmt.Sprint("opaque", i))
				if !errors.Is(err, guard.ErrUnavailable) {
					t.Error(err)
				}
				if time.Since(began) == 0 {
					atOnce.Add(1)
				}
			})
		}
		wg.Wait()
		require.LessOrEqual(t, time.Since(began), 4*time.Second)
		require.EqualValues(t, 32, c.most.Load())
		require.EqualValues(t, 2000-1024, atOnce.Load(), "beyond the bound nobody waits")

		w := serve(g.Protect(http.NotFoundHandler()), request(ping, set("Authorization", "Bearer opaque")))
		requireRefusal(t, w, 503, -32089, `"p<1>"`)
		require.Equal(t, "2", w.Header().Get("Retry-After"))
		require.Empty(t, w.Header().Get("WWW-Authenticate"), "a client must not sign in again over this")

		hang.Store(false)
		_, err := g.Verify(t.Context(), "opaque")
		require.NoError(t, err, "trouble is not remembered")
	})
}

func TestNoTokenAndNoSecretReachesALog(t *testing.T) {
	t.Parallel()
	const marker = "SECRETMARKER"
	var logged bytes.Buffer
	for name, answer := range map[string]func(*http.Request, string) (int, string, error){
		"echo":  func(_ *http.Request, token string) (int, string, error) { return 500, token, nil },
		"error": func(_ *http.Request, token string) (int, string, error) { return 400, `{"error":"` + token + `"}`, nil },
		"active": func(_ *http.Request, token string) (int, string, error) {
			return 200, `{"active":"` + token + `"}`, nil
		},
		"claims": func(_ *http.Request, token string) (int, string, error) {
			return 200, active(object{"iss": token, "typ": token}), nil
		},
		"down":    func(*http.Request, string) (int, string, error) { return 0, "", errors.New("connection refused") },
		"refused": always(401, ``),
	} {
		for _, by := range []guard.Verification{guard.VerifyIntrospection, guard.VerifyUserinfo} {
			g := introspecting(t, &clerk{answer: answer}, func(o *guard.Options) {
				o.Verify, o.Introspection.Secret = by, marker
				if by == guard.VerifyUserinfo {
					o.AudienceMode = guard.AudienceUnbound
				}
				o.Logger = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
			})
			w := serve(g.Protect(http.NotFoundHandler()), request(ping, set("Authorization", "Bearer "+marker)))
			if by == guard.VerifyIntrospection || name != "active" && name != "claims" {
				require.GreaterOrEqual(t, w.Code, 400, name)
			}
			require.NotContains(t, fmt.Sprint(w.Header(), w.Body), marker, name)
		}
	}
	require.Contains(t, logged.String(), "asking the issuer about tokens failed")
	require.NotContains(t, logged.String(), marker)
	settings := guard.Settings{Introspection: guard.Introspection{Secret: marker}}
	encoded, err := json.Marshal(settings)
	require.NoError(t, err)
	require.NotContains(t, fmt.Sprintf("%v %+v %#v %s %s", settings, settings, settings, settings.Introspection.Secret, encoded), marker)
}

// The endpoint stays known while the metadata cannot be read, and is looked up where it moved.
func TestTheEndpointOutlivesItsMetadata(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		place, trouble := "/introspect", false
		c := &clerk{answer: func(r *http.Request, _ string) (int, string, error) {
			if r.URL.Path != place {
				return 404, "", nil
			}
			return 200, active(), nil
		}}
		g := introspecting(t, c, func(o *guard.Options) {
			o.HTTPClient = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				switch known := strings.Contains(r.URL.Path, "/.well-known/"); {
				case known && trouble:
					<-r.Context().Done()
					return nil, r.Context().Err()
				case known:
					return answerWith(200, fmt.Sprintf(`{"issuer":%q,"introspection_endpoint":%q}`, issuerURL, issuerURL+place)), nil
				}
				return c.RoundTrip(r)
			})}
		})
		for i, c := range []struct {
			trouble bool
			place   string
			after   time.Duration
			ok      bool
		}{
			{true, "/introspect", 0, false},
			{false, "/introspect", time.Second, true},
			{true, "/introspect", 2 * time.Hour, true},
			{true, "/introspect", time.Hour, true},
			{false, "/moved", 30 * time.Second, false}, // that it is not there is how one learns of it
			{false, "/moved", time.Second, true},
		} {
			trouble, place = c.trouble, c.place
			time.Sleep(c.after)
			began := time.Now()
			_, err := g.Verify(t.Context(), fmt.Sprint("opaque", i))
			require.Equal(t, c.ok, err == nil, "%d: %v", i, err)
			require.LessOrEqual(t, time.Since(began), 4*time.Second)
		}
	})
}

func TestAReadinessProbeThatLeavesIsNoFailure(t *testing.T) {
	t.Parallel()
	c := &clerk{answer: always(200, active())}
	g := introspecting(t, c, func(o *guard.Options) {
		o.HTTPClient = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if err := r.Context().Err(); err != nil {
				return nil, err
			}
			return c.RoundTrip(r)
		})}
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_ = g.Ready(ctx)
	_, err := g.Verify(t.Context(), "opaque")
	require.NoError(t, err)
}
