// Package metrics counts what a todo server does, for Prometheus. No label says who: no user, subject, client or token,
// and every label has a fixed set of values.
package metrics

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics has the counters of one server, in a registry of its own. It is safe for concurrent use.
type Metrics struct {
	registry       *prometheus.Registry
	requests       *prometheus.CounterVec
	refusals       *prometheus.CounterVec
	toolCalls      *prometheus.HistogramVec
	streams        prometheus.Gauge
	issuerRequests *prometheus.CounterVec
}

// toolBuckets are seconds, from a read of one row to a database that is in trouble.
var toolBuckets = []float64{.00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5}

// New returns metrics with nothing counted yet, besides what the Go runtime and the operating system say of the process.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "todo_mcp_http_requests_total", Help: "HTTP requests by route and by the status of the answer, counted when it begins.",
		}, []string{"route", "status"}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "todo_mcp_refusals_total", Help: "Requests to the MCP endpoints that were refused before a tool ran, by reason.",
		}, []string{"reason"}),
		toolCalls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "todo_mcp_tool_call_duration_seconds", Help: "Tool calls by tool and result: ok, error (the caller's), failure (the server's), refused (for want of a scope).",
			Buckets: toolBuckets,
		}, []string{"tool", "result"}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "todo_mcp_event_streams", Help: "Open event streams of the HTTP+SSE transport.",
		}),
		issuerRequests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "todo_mcp_issuer_requests_total", Help: "Requests to the issuer, for its metadata, keys and verdicts, by the class of the answer's status, or error.",
		}, []string{"outcome"}),
	}
	m.registry.MustRegister(m.requests, m.refusals, m.toolCalls, m.streams, m.issuerRequests,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler serves the metrics at GET /metrics. They are for the operator: it belongs on a listener that strangers cannot reach.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second}))
	return mux
}

// Answered counts an HTTP request.
func (m *Metrics) Answered(route string, status int) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
}

// Refused counts a refusal.
func (m *Metrics) Refused(reason string) { m.refusals.WithLabelValues(reason).Inc() }

// ToolCalled counts a tool call and how long it took.
func (m *Metrics) ToolCalled(tool, result string, took time.Duration) {
	m.toolCalls.WithLabelValues(tool, result).Observe(took.Seconds())
}

// StreamsChanged adds to the number of open event streams, or takes away.
func (m *Metrics) StreamsChanged(by int) { m.streams.Add(float64(by)) }

// Transport counts the requests to the issuer that go through it. next nil means a transport like http.DefaultTransport, with
// a limit on headers.
func (m *Metrics) Transport(next http.RoundTripper) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
		if transport, ok := next.(*http.Transport); ok {
			transport = transport.Clone()
			transport.MaxResponseHeaderBytes = 64 << 10
			next = transport
		}
	}
	return counting{next, m.issuerRequests}
}

type counting struct {
	next     http.RoundTripper
	requests *prometheus.CounterVec
}

func (c counting) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.next.RoundTrip(r)
	outcome := "error"
	if err == nil {
		outcome = strconv.Itoa(resp.StatusCode/100) + "xx"
	}
	c.requests.WithLabelValues(outcome).Inc()
	return resp, err
}
