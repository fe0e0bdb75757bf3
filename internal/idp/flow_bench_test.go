package idp_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/mockidp"
)

// BenchmarkCodeFlow compares a sign-in (authorization request, redirect with the code, token request; ES256) with two round trips
// to handlers that only redirect, and only sign and write the same answer. They take turns; the times are medians.
func BenchmarkCodeFlow(b *testing.B) {
	s := start(b, mockidp.Options{AutoLogin: true})
	client := &http.Client{Transport: &http.Transport{}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	do := func(status int, method, target, body string) *http.Response {
		r, err := http.NewRequest(method, target, strings.NewReader(body))
		require.NoError(b, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := client.Do(r)
		require.NoError(b, err)
		_, err = io.Copy(io.Discard, response.Body)
		require.NoError(b, err)
		require.NoError(b, response.Body.Close())
		require.Equal(b, status, response.StatusCode)
		return response
	}
	query := "/authorize?" + asking(q{"login_hint": one("alice"), "scope": one("create:todos")}).Encode()
	flow := func(origin string) time.Duration {
		began := time.Now()
		location, err := url.Parse(do(http.StatusSeeOther, "GET", origin+query, "").Header.Get("Location"))
		require.NoError(b, err)
		do(http.StatusOK, "POST", origin+"/token", redeeming(location.Query().Get("code"), nil).Encode())
		return time.Since(began)
	}

	to := do(http.StatusSeeOther, "GET", s.Issuer()+query, "").Header.Get("Location")
	code, err := url.Parse(to)
	require.NoError(b, err)
	sample := s.issued(redeeming(code.Query().Get("code"), nil))
	_, payload := claims(b, sample["access_token"])
	bare := http.NewServeMux()
	bare.Handle("POST /token", signing(b, payload, sample))
	bare.HandleFunc("GET /authorize", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusSeeOther)
	})
	floor := httptest.NewUnstartedServer(bare)
	floor.Config.ReadHeaderTimeout, floor.Config.ReadTimeout, floor.Config.WriteTimeout, floor.Config.IdleTimeout = 5*time.Second, 10*time.Second, 15*time.Second, time.Minute
	floor.Start()
	defer floor.Close()

	var flows, floors []time.Duration
	for b.Loop() {
		flows = append(flows, flow(s.Issuer()))
		floors = append(floors, flow(floor.URL))
	}
	b.ReportMetric(float64(median(flows).Nanoseconds()), "ns/flow")
	b.ReportMetric(float64(median(floors).Nanoseconds()), "ns/bare")
	b.ReportMetric(float64(median(floors))/float64(median(flows)), "ratio")
	b.ReportMetric(0, "ns/op")
}

// median shrugs off what else the machine does.
func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}
