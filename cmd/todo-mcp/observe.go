package main

import (
	"net"
	"net/http"
	"time"

	"mcpharness/internal/command"
	"mcpharness/internal/metrics"
	"mcpharness/internal/todomcp"
)

// metricsServer serves metrics on a listener of its own, never where clients call.
type metricsServer struct {
	url       string
	handler   http.Handler
	listeners []net.Listener
}

// count opens the listener of --metrics-listen, if there is one, and has the server count.
func (a *app) count(s settings, options *todomcp.Options) error {
	if s.metricsListen == "" {
		return nil
	}
	listeners, authority, err := command.Listen("metrics-listen", s.metricsListen, s.insecure)
	if err != nil {
		return err
	}
	counted := metrics.New()
	a.metrics = metricsServer{"http://" + authority + "/metrics", counted.Handler(), listeners}
	options.Observer = counted
	options.Guard.HTTPClient = &http.Client{Transport: counted.Transport(nil), Timeout: time.Minute} // the guard waits less
	return nil
}
