package providercheck_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/providercheck"
)

func TestNothingThatAnswersIsUnreachable(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := "http://" + l.Addr().String()
	require.NoError(t, l.Close())
	report := check(t, providercheck.Options{Issuer: address})
	require.Equal(t, []string{"error reachable"}, faults(report))
	require.Equal(t, providercheck.Unreachable, report.Verdict())
	require.Equal(t, "unreachable: nothing answers at "+address, report.Sentence())
}

// TestCertificates runs a real TLS server whose certificate is for 127.0.0.1.
func TestCertificates(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, row := range map[string]struct {
		host  string
		ends  time.Duration
		trust bool
		want  string
		seen  string
	}{
		"good":              {"127.0.0.1", 90 * day, true, "", ""},
		"soon at its end":   {"127.0.0.1", 3*day + time.Hour, true, "warning tls", "in 3 days"},
		"of nobody we know": {"127.0.0.1", 90 * day, false, "error tls", "not trusted"},
		"out of date":       {"127.0.0.1", -day, true, "error tls", "out of date"},
		"for another host":  {"localhost", 90 * day, true, "error tls", "for another host"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			certificate, roots := selfSigned(t, time.Now().Add(row.ends))
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.StartTLS()
			t.Cleanup(server.Close)
			transport := &http.Transport{TLSClientConfig: &tls.Config{}}
			t.Cleanup(transport.CloseIdleConnections)
			if row.trust {
				transport.TLSClientConfig.RootCAs = roots
			}
			target := strings.Replace(server.URL, "127.0.0.1", row.host, 1)
			report := check(t, providercheck.Options{Issuer: target, Transport: transport})
			found := ""
			for _, f := range report.Findings {
				if f.Code == providercheck.TLS && f.Level != providercheck.OK {
					found = string(f.Level) + " " + string(f.Code)
					require.Contains(t, f.Seen, row.seen)
				}
			}
			require.Equal(t, row.want, found, text(t, report))
			require.Equal(t, providercheck.NotFit, report.Verdict(), "it serves no metadata, but it is there")
		})
	}
}

func TestPlainHTTPAtAnHTTPSPort(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	report := check(t, providercheck.Options{Issuer: strings.Replace(server.URL, "http:", "https:", 1)})
	require.Equal(t, []string{"error tls"}, faults(report), text(t, report))
}

func selfSigned(t *testing.T, end time.Time) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: end.Add(-4000 * time.Hour), NotAfter: end, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// pausing answers after a while, as the clock of a synctest bubble has it.
func (d *double) pausing(path string, pause time.Duration) {
	open := d.routes[path]
	d.routes[path] = func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(pause):
			open(w, r)
		}
	}
}

func TestSlowAnswers(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		path  string
		pause time.Duration
		want  []string
	}{
		"most of a second":        {"/tenant/jwks", 900 * time.Millisecond, nil},
		"three seconds":           {"/tenant/jwks", 3 * time.Second, []string{"warning answer-time"}},
		"no key set in time":      {"/tenant/jwks", time.Minute, []string{"warning answer-time", "error keys"}},
		"no document in time":     {oauthInserted, time.Minute, []string{"warning answer-time", "warning metadata-oauth-inserted"}},
		"no token answer in time": {"/tenant/token", time.Minute, []string{"warning answer-time", "error token-errors"}},
		"all of them slow":        {"/tenant/authorize", 4 * time.Second, []string{"warning answer-time", "warning unfinished"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDouble(t)
				d.pausing(row.path, row.pause)
				options := d.asks()
				var notices atomic.Int32
				options.Notice = func(string) { notices.Add(1) }
				begin := time.Now()
				report := check(t, options)
				require.LessOrEqual(t, time.Since(begin), 30*time.Second)
				got := faults(report)
				if name == "all of them slow" {
					require.Subset(t, got, row.want, text(t, report))
					require.NotContains(t, strings.Join(got, " "), "error", "what was not asked is no fault")
				} else {
					require.Equal(t, row.want, got, text(t, report))
				}
				require.Equal(t, row.pause > time.Second, notices.Load() > 0)
			})
		})
	}
}

// TestAClientThatWasMadeIsDeletedAlsoWhenTheTimeIsUp keeps the promise of --register.
func TestAClientThatWasMadeIsDeletedAlsoWhenTheTimeIsUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDouble(t)
		d.pausing("/tenant/authorize", 4900*time.Millisecond)
		report := check(t, providercheck.Options{Issuer: issuer, Transport: d, Register: true})
		require.Equal(t, http.MethodDelete, d.seen[len(d.seen)-1].Method)
		require.Contains(t, faults(report), "warning unfinished")
	})
}

func TestAnEndedContextIsAnError(t *testing.T) {
	t.Parallel()
	d := newDouble(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("ctrl+c"))
	options := d.asks()
	_, err := providercheck.Run(ctx, options)
	require.EqualError(t, err, "ctrl+c")
	require.Empty(t, d.seen)
}

func TestOptionsThatCannotBeAsked(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                              `issuer "": want an https URL, such as https://idp.example/tenant`,
		"idp.example":                   `issuer "idp.example": want an https URL, such as https://idp.example/tenant`,
		"ftp://idp.example":             `issuer "ftp://idp.example": want an https URL, such as https://idp.example/tenant`,
		"https://me:secret@idp.example": `issuer of host idp.example: want no user name or password in it`,
		"https://idp.example/a/.well-known/openid-configuration":       `"https://idp.example/a/.well-known/openid-configuration" is the URL of a document; want the issuer: https://idp.example/a`,
		"https://idp.example/.well-known/oauth-authorization-server/a": `"https://idp.example/.well-known/oauth-authorization-server/a" is the URL of a document; want the issuer: https://idp.example/a`,
	} {
		_, err := providercheck.Run(t.Context(), providercheck.Options{Issuer: text})
		require.EqualError(t, err, want)
	}
	for _, client := range []providercheck.Client{{ID: "x"}, {RedirectURI: redirect}, {ID: "x", RedirectURI: "/callback"}, {ID: "x", RedirectURI: redirect + "#f"}} {
		_, err := providercheck.Run(t.Context(), providercheck.Options{Issuer: issuer, Client: &client})
		require.ErrorContains(t, err, "want both")
	}
}

func TestAnOriginIsSchemeAndHost(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"localhost:6274", "http://localhost:6274/", "*", "null"} {
		_, err := providercheck.Run(t.Context(), providercheck.Options{Issuer: issuer, Origin: bad})
		require.ErrorContains(t, err, "want scheme and host")
	}
	d := newDouble(t)
	options := d.asks()
	options.Origin = "https://app.example"
	report := check(t, options)
	require.Empty(t, faults(report))
	require.Contains(t, text(t, report), "https://app.example may redeem a code")
}

func TestAnIssuerThatNoClientShouldTrust(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"http://idp.example/tenant", issuer + "?x=1"} {
		d := newDouble(t)
		report := check(t, providercheck.Options{Issuer: bad, Transport: d})
		require.Contains(t, faults(report), "error issuer-form")
	}
}
