package guard_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
)

func TestUnknownKidFloodCausesFewFetchesAndRotationIsSeen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		is := newIssuer(t)
		g := is.guard(t)
		_, err := g.Verify(t.Context(), is.token(t))
		require.NoError(t, err)

		rotated := newECKey(t)
		var honoured time.Duration
		began := time.Now()
		for i := range 5000 {
			_, err := g.Verify(t.Context(), sign(t, is.ec, header(object{"kid": fmt.Sprint("unknown", i)}), claims()))
			var bad *guard.TokenError
			require.ErrorAs(t, err, &bad)
			switch {
			case i == 1000:
				is.publish(t, jwk(t, "rotated", "ES256", &rotated.PublicKey), jwk(t, "ec", "ES256", &is.ec.PublicKey))
				began = time.Now()
			case i > 1000 && honoured == 0:
				if _, err := g.Verify(t.Context(), sign(t, rotated, header(object{"kid": "rotated"}), claims())); err == nil {
					honoured = time.Since(began)
				}
			}
			time.Sleep(5 * time.Millisecond)
		}
		require.LessOrEqual(t, is.fetches.Load(), int64(10))
		require.NotZero(t, honoured)
		require.Less(t, honoured, 10*time.Second)
	})
}

// The fetch under way may have been answered before the new key was there.
func TestAKeyThatIsRotatedInDuringAFetchIsSeen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		is := newIssuer(t)
		g := is.guard(t)
		_, err := g.Verify(t.Context(), is.token(t))
		require.NoError(t, err)
		time.Sleep(time.Minute)
		is.answer(func(w http.ResponseWriter, _ *http.Request) {
			old := *is.jwks.Load()
			time.Sleep(2 * time.Second)
			_, _ = w.Write(old)
		})
		go func() { _, _ = g.Verify(t.Context(), sign(t, is.ec, header(object{"kid": "unknown"}), claims())) }()
		time.Sleep(time.Second)
		rotated := newECKey(t)
		is.publish(t, jwk(t, "rotated", "ES256", &rotated.PublicKey), jwk(t, "ec", "ES256", &is.ec.PublicKey))
		_, err = g.Verify(t.Context(), sign(t, rotated, header(object{"kid": "rotated"}), claims()))
		require.NoError(t, err)
		require.Equal(t, int64(3), is.fetches.Load())
	})
}

func TestConcurrentRequestsShareOneFetch(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	g := is.guard(t)
	token := is.token(t)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := g.Verify(t.Context(), token); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.Equal(t, int64(1), is.fetches.Load())
}

func TestIssuerTroubleAtStart(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]http.HandlerFunc{
		"500":   func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", 500) },
		"HTML":  func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<html>") },
		"hangs": func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"huge": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, `{"keys":[]}`+strings.Repeat(" ", 10<<20))
		},
		"truncated": func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, `{"keys":[`) },
		"no keys":   func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, `{"Keys":[]}`) },
		"redirects": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, issuerURL+"/jwks?again", http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				is := newIssuer(t)
				g := is.guard(t, func(o *guard.Options) { o.JWKSURL = issuerURL + "/jwks" })
				is.answer(trouble)
				for range 100 {
					began := time.Now()
					_, err := g.Verify(t.Context(), is.token(t))
					require.ErrorIs(t, err, guard.ErrUnavailable)
					require.Less(t, time.Since(began), 5*time.Second)
				}
				require.ErrorIs(t, g.Ready(t.Context()), guard.ErrUnavailable)
				require.Equal(t, int64(1), is.fetches.Load(), "an issuer in trouble is not hammered")

				_, err := g.Verify(t.Context(), sign(t, is.ec, header(), claims(object{"exp": 1})))
				var bad *guard.TokenError
				require.ErrorAs(t, err, &bad, "what can be judged without keys is judged")

				is.answer(nil)
				time.Sleep(4 * time.Second)
				_, err = g.Verify(t.Context(), is.token(t))
				require.NoError(t, err)
				require.NoError(t, g.Ready(t.Context()))
			})
		})
	}
}

func TestIssuerTroubleLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		is := newIssuer(t)
		g := is.guard(t)
		_, err := g.Verify(t.Context(), is.token(t))
		require.NoError(t, err)

		is.answer(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		for range 20 {
			time.Sleep(time.Minute)
			began := time.Now()
			_, err = g.Verify(t.Context(), is.token(t))
			require.NoError(t, err, "known keys stay in use")
			require.Zero(t, time.Since(began), "known keys never wait")
		}
		rotated := newECKey(t)
		_, err = g.Verify(t.Context(), sign(t, rotated, header(object{"kid": "rotated"}), claims()))
		require.ErrorIs(t, err, guard.ErrUnavailable, "an unknown kid cannot be judged while the issuer is down")
		began := time.Now()
		_, err = g.Verify(t.Context(), sign(t, rotated, header(object{"kid": "rotated"}), claims()))
		require.ErrorIs(t, err, guard.ErrUnavailable)
		require.Zero(t, time.Since(began), "right after a failure the issuer is not asked again")

		is.answer(nil)
		is.publish(t, jwk(t, "rotated", "ES256", &rotated.PublicKey))
		time.Sleep(5 * time.Second)
		_, err = g.Verify(t.Context(), sign(t, rotated, header(object{"kid": "rotated"}), claims()))
		require.NoError(t, err)
		_, err = g.Verify(t.Context(), is.token(t))
		require.ErrorContains(t, err, "no such key", "a withdrawn key is refused after the refetch")
	})
}

func TestOldSetsAreRefreshedBehindTheRequest(t *testing.T) {
	t.Parallel()
	for cacheControl, age := range map[string]time.Duration{
		"":                    5 * time.Minute,
		"public, max-age=60":  time.Minute,
		"max-age=0":           10 * time.Second,
		"no-store":            10 * time.Second,
		"max-age=31536000":    15 * time.Minute,
		"max-age=-1, private": 5 * time.Minute,
	} {
		t.Run(cacheControl, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				is := newIssuer(t)
				g := is.guard(t, func(o *guard.Options) { o.JWKSURL = issuerURL + "/jwks" })
				is.answer(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Cache-Control", cacheControl)
					w.Write(*is.jwks.Load())
				})
				verify := func() error {
					_, err := g.Verify(t.Context(), is.token(t))
					synctest.Wait()
					return err
				}
				require.NoError(t, verify())
				is.publish(t)
				time.Sleep(age - time.Second)
				require.NoError(t, verify())
				require.Equal(t, int64(1), is.fetches.Load())
				time.Sleep(2 * time.Second)
				require.NoError(t, verify(), "the request that notices does not wait")
				require.Equal(t, int64(2), is.fetches.Load())
				require.ErrorContains(t, verify(), "no such key")
			})
		})
	}
}

func TestOneBadKeyDoesNotSpoilTheSet(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	good := jwk(t, "ec", "ES256", &is.ec.PublicKey)
	change := func(changes object) json.RawMessage {
		var m object
		require.NoError(t, json.Unmarshal(good, &m))
		return json.RawMessage(encode(m, []object{changes}))
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	private := jwk(t, "ec", "ES256", is.ec)
	for name, bad := range map[string]json.RawMessage{
		"null": null, "string": json.RawMessage(`"x"`), "empty": json.RawMessage(`{}`),
		"alien kty":      json.RawMessage(`{"kty":"XYZ","kid":"ec"}`),
		"alien curve":    change(object{"crv": "secp256k1"}),
		"off the curve":  change(object{"x": b64(strings.Repeat("x", 32))}),
		"for encryption": change(object{"use": "enc"}),
		"use of no type": change(object{"use": 1}),
		"for signing":    change(object{"key_ops": []string{"sign"}}),
		"other alg":      change(object{"alg": "ECDH-ES"}),
		"other curve":    jwk(t, "ec", "", &p384.PublicKey),
		"symmetric":      json.RawMessage(`{"kty":"oct","kid":"ec","k":"AAAA"}`),
		"private":        private,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			is := &issuer{ec: is.ec}
			is.publish(t, bad, change(object{"kid": "good", "x5c": []string{"broken"}}))
			g := is.guard(t)
			_, err := g.Verify(t.Context(), sign(t, is.ec, header(object{"kid": "good"}), claims()))
			require.NoError(t, err)
			_, err = g.Verify(t.Context(), is.token(t))
			var refused *guard.TokenError
			require.ErrorAs(t, err, &refused)
		})
	}
}

func TestShortRSAKeysAreNotUsed(t *testing.T) {
	t.Parallel()
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	is := newIssuer(t)
	is.publish(t, jwk(t, "rsa", "RS256", &short.PublicKey))
	_, err = is.guard(t).Verify(t.Context(), sign(t, short, header(object{"alg": "RS256", "kid": "rsa"}), claims()))
	require.ErrorContains(t, err, "no such key")
}

func TestKeysAreChosenByKidAndAlgorithm(t *testing.T) {
	t.Parallel()
	is, other := newIssuer(t), newECKey(t)
	g := is.guard(t)
	is.publish(t, jwk(t, "ec", "ES256", &other.PublicKey), jwk(t, "ec", "", &is.ec.PublicKey), jwk(t, "ec", "RS256", &rsaKey().PublicKey))
	_, err := g.Verify(t.Context(), is.token(t))
	require.NoError(t, err, "keys that share a kid are all tried")
	_, err = g.Verify(t.Context(), sign(t, rsaKey(), header(object{"alg": "RS256"}), claims()))
	require.NoError(t, err, "the algorithm tells keys with one kid apart")
	_, err = g.Verify(t.Context(), sign(t, is.ec, header(object{"kid": nil}), claims()))
	require.ErrorContains(t, err, "several keys")
	require.Equal(t, int64(1), is.fetches.Load(), "none of this asks the issuer again")
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	for _, issuerPath := range []string{"", "/", "/realms/mcp", "/realms/mcp/"} {
		path := strings.TrimSuffix(issuerPath, "/")
		places := []string{"/.well-known/oauth-authorization-server" + path, "/.well-known/openid-configuration" + path}
		if path != "" {
			places = append(places, path+"/.well-known/openid-configuration", path+"/.well-known/oauth-authorization-server")
		}
		for _, place := range places {
			t.Run(issuerPath+" at "+place, func(t *testing.T) {
				t.Parallel()
				is := newIssuer(t)
				url := issuerURL + issuerPath
				g := is.guard(t, func(o *guard.Options) { o.Issuer = url })
				is.answer(func(w http.ResponseWriter, r *http.Request) {
					switch r.URL.Path {
					case place:
						fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, url, issuerURL+"/jwks")
					case "/jwks":
						w.Write(*is.jwks.Load())
					default:
						http.NotFound(w, r)
					}
				})
				_, err := g.Verify(t.Context(), is.token(t, object{"iss": url}))
				require.NoError(t, err)
			})
		}
	}
}

func TestDiscoveryRefuses(t *testing.T) {
	t.Parallel()
	for name, document := range map[string]string{
		"another issuer":     `{"issuer":"https://idp.example/","jwks_uri":"https://idp.example/jwks"}`,
		"no issuer":          `{"jwks_uri":"https://idp.example/jwks"}`,
		"issuer cased":       `{"Issuer":"https://idp.example","jwks_uri":"https://idp.example/jwks"}`,
		"no jwks_uri":        `{"issuer":"https://idp.example"}`,
		"plain http":         `{"issuer":"https://idp.example","jwks_uri":"http://idp.example/jwks"}`,
		"other scheme":       `{"issuer":"https://idp.example","jwks_uri":"file:///etc/passwd"}`,
		"duplicate jwks_uri": `{"issuer":"https://idp.example","jwks_uri":"https://evil.example","jwks_uri":"https://idp.example/jwks"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			is := newIssuer(t)
			g := is.guard(t)
			is.answer(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/jwks" {
					w.Write(*is.jwks.Load())
					return
				}
				fmt.Fprint(w, document)
			})
			_, err := g.Verify(t.Context(), is.token(t))
			require.ErrorIs(t, err, guard.ErrUnavailable)
			require.Zero(t, is.fetches.Load())
		})
	}
}

func TestMovedKeySetIsFoundAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		is := newIssuer(t)
		g := is.guard(t)
		require.NoError(t, g.Ready(t.Context()))
		rotated := newECKey(t)
		is.publish(t, jwk(t, "rotated", "ES256", &rotated.PublicKey))
		is.answer(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/.well-known/oauth-authorization-server":
				fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, issuerURL, issuerURL+"/moved")
			case "/moved":
				w.Write(*is.jwks.Load())
			default:
				http.NotFound(w, r)
			}
		})
		token := sign(t, rotated, header(object{"kid": "rotated"}), claims())
		_, err := g.Verify(t.Context(), token)
		require.ErrorIs(t, err, guard.ErrUnavailable)
		time.Sleep(5 * time.Second)
		_, err = g.Verify(t.Context(), token)
		require.NoError(t, err)
	})
}

// A caller that gives up does not take the fetch away from the others.
func TestCanceledCallerLeavesTheFetchToOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		is := newIssuer(t)
		g := is.guard(t, func(o *guard.Options) { o.JWKSURL = issuerURL + "/jwks" })
		is.answer(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Second)
			w.Write(*is.jwks.Load())
		})
		ctx, cancel := context.WithCancelCause(t.Context())
		gone := errors.New("gone")
		time.AfterFunc(time.Millisecond, func() { cancel(gone) })
		_, err := g.Verify(ctx, is.token(t))
		require.ErrorIs(t, err, gone)
		_, err = g.Verify(t.Context(), is.token(t))
		require.NoError(t, err)
		require.Equal(t, int64(1), is.fetches.Load())
	})
}

// Over a socket, with the default client: no redirect is followed and nothing stays behind.
func TestDefaultClientRefusesRedirects(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	target := httptest.NewServer(is)
	t.Cleanup(target.Close)
	redirecting := httptest.NewServer(http.RedirectHandler(target.URL+"/jwks", http.StatusFound))
	t.Cleanup(redirecting.Close)
	for jwksURL, want := range map[string]error{target.URL + "/jwks": nil, redirecting.URL: guard.ErrUnavailable} {
		g := is.guard(t, func(o *guard.Options) {
			o.HTTPClient = nil
			o.JWKSURL = jwksURL
		})
		_, err := g.Verify(t.Context(), is.token(t))
		require.ErrorIs(t, err, want)
	}
	require.Equal(t, int64(1), is.fetches.Load())
}
