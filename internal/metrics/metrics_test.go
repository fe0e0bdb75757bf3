package metrics_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/metrics"
	"mcpharness/internal/todomcp"
)

var _ todomcp.Observer = (*metrics.Metrics)(nil)

// scrape returns the lines that are not about the process or the Go runtime.
func scrape(t *testing.T, m *metrics.Metrics) []string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), "go_goroutines ")
	var lines []string
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "todo_mcp_") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

func TestEverythingCountedIsServed(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	require.Equal(t, []string{"todo_mcp_event_streams 0"}, scrape(t, m))
	m.Answered("mcp", 200)
	m.Answered("mcp", 200)
	m.Answered("sse", 404)
	m.Refused("no_stream")
	m.ToolCalled("whoami", "ok", 3*time.Millisecond)
	m.StreamsChanged(1)
	m.StreamsChanged(1)
	m.StreamsChanged(-1)
	lines := scrape(t, m)
	for _, want := range []string{
		`todo_mcp_http_requests_total{route="mcp",status="200"} 2`,
		`todo_mcp_http_requests_total{route="sse",status="404"} 1`,
		`todo_mcp_refusals_total{reason="no_stream"} 1`,
		`todo_mcp_tool_call_duration_seconds_bucket{result="ok",tool="whoami",le="0.0025"} 0`,
		`todo_mcp_tool_call_duration_seconds_bucket{result="ok",tool="whoami",le="0.005"} 1`,
		`todo_mcp_tool_call_duration_seconds_count{result="ok",tool="whoami"} 1`,
		`todo_mcp_tool_call_duration_seconds_sum{result="ok",tool="whoami"} 0.003`,
		`todo_mcp_event_streams 1`,
	} {
		require.Contains(t, lines, want)
	}
	require.Equal(t, []string{"todo_mcp_event_streams 0"}, scrape(t, metrics.New()), "no two servers share counters")
}

func TestTransportCountsTheIssuersAnswers(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	status := 200
	transport := m.Transport(roundTrip(func(*http.Request) (*http.Response, error) {
		if status == 0 {
			return nil, errors.New("no route")
		}
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(""))}, nil
	}))
	for _, status = range []int{200, 204, 302, 404, 503, 0} {
		resp, err := transport.RoundTrip(httptest.NewRequest(http.MethodGet, "http://idp/secret-path", nil))
		require.Equal(t, status == 0, err != nil)
		if err == nil {
			require.NoError(t, resp.Body.Close())
		}
	}
	require.Equal(t, []string{
		"todo_mcp_event_streams 0",
		`todo_mcp_issuer_requests_total{outcome="2xx"} 2`,
		`todo_mcp_issuer_requests_total{outcome="3xx"} 1`,
		`todo_mcp_issuer_requests_total{outcome="4xx"} 1`,
		`todo_mcp_issuer_requests_total{outcome="5xx"} 1`,
		`todo_mcp_issuer_requests_total{outcome="error"} 1`,
	}, scrape(t, m))
}

func TestTransportReachesServersByDefault(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	m := metrics.New()
	resp, err := (&http.Client{Transport: m.Transport(nil)}).Get(server.URL)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Contains(t, scrape(t, m), `todo_mcp_issuer_requests_total{outcome="4xx"} 1`)
}

func TestNothingElseIsServed(t *testing.T) {
	t.Parallel()
	for _, request := range []string{"POST /metrics", "GET /", "GET /debug/pprof/"} {
		method, path, _ := strings.Cut(request, " ")
		w := httptest.NewRecorder()
		metrics.New().Handler().ServeHTTP(w, httptest.NewRequest(method, path, nil))
		require.GreaterOrEqual(t, w.Code, 400, request)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
