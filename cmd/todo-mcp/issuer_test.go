package main

import (
	"net"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"mcpharness/mockidp"
)

// sleeper is an issuer that is down until it is woken. It keeps its port all the time, so nobody else gets it.
type sleeper struct {
	net.Listener
	awake atomic.Bool
	idp   *mockidp.Server
	doze  chan struct{} // closed when it no longer hangs up on callers
}

func newSleeper() (*sleeper, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sleeper{Listener: l, doze: make(chan struct{})}
	go s.hangUp()
	return s, nil
}

func (s *sleeper) url() string { return "http://" + s.Addr().String() }

// hangUp closes every connection until the sleeper is awake or closed.
func (s *sleeper) hangUp() {
	defer close(s.doze)
	for !s.awake.Load() {
		conn, err := s.Listener.Accept()
		if err != nil {
			return
		}
		_ = conn.Close()
	}
}

func (s *sleeper) wake(resource string) error {
	s.awake.Store(true)
	if conn, err := net.DialTimeout("tcp", s.Addr().String(), patience); err == nil { // the last one to be hung up on
		_ = conn.Close()
	}
	<-s.doze
	options := mockidp.Options{Issuer: s.url()}
	if resource != "" {
		options.Resources = []string{resource}
	}
	var err error
	s.idp, err = mockidp.Start(options, s.Listener)
	return err
}

func (s *sleeper) close() {
	if s.idp != nil {
		s.idp.Close()
	}
	_ = s.Close()
	<-s.doze
}

func issuer(ts *testscript.TestScript, neg bool, args []string) {
	r := rigOf(ts, neg)
	var err error
	if r.issuer == nil {
		r.issuer, err = newSleeper()
		ts.Check(err)
		ts.Setenv("ISSUER", r.issuer.url())
	}
	if len(args) == 1 && args[0] == "up" {
		ts.Check(r.issuer.wake(ts.Getenv("RESOURCE")))
	}
}

func token(ts *testscript.TestScript, neg bool, args []string) {
	r := rigOf(ts, neg)
	if r.issuer == nil || r.issuer.idp == nil || len(args) != 2 {
		ts.Fatalf("usage: token SUB SCOPE, after issuer up")
	}
	now := time.Now()
	ts.Setenv("TOKEN", r.issuer.idp.Mint(nil, map[string]any{
		"iss": r.issuer.url(), "sub": args[0], "aud": ts.Getenv("RESOURCE"), "client_id": "script", "scope": args[1],
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "jti": now.String(),
	}, nil))
}
