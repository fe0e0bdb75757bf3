// Package testnet is a network in memory, for HTTP servers and clients inside a testing/synctest bubble: real sockets
// block outside the bubble, so its clock would never move on.
package testnet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Network routes connections by host and port. Make it inside the bubble that uses it. Safe for concurrent use.
type Network struct {
	mu        sync.Mutex
	closed    bool
	nextPort  int
	listeners map[string]*listener
	conns     map[*conn]struct{}
}

// New returns an empty network.
func New() *Network {
	return &Network{nextPort: 49152, listeners: map[string]*listener{}, conns: map[*conn]struct{}{}}
}

// Listen opens a listener on host:port, which clients reach by exactly that address. Port 0 picks a free one, as
// Listener.Addr tells. The host localhost is 127.0.0.1; any other name is kept as a name, and its connections
// claim to be on 127.0.0.1.
func (n *Network) Listen(address string) (net.Listener, error) {
	host, port, err := split(address)
	if err != nil {
		return nil, fmt.Errorf("listening on %q: %w", address, err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, fmt.Errorf("listening on %q: %w", address, net.ErrClosed)
	}
	for any := port == 0; any && (port == 0 || n.listeners[join(host, port)] != nil); {
		port = n.freePort()
	}
	l := &listener{
		network: n,
		key:     join(host, port),
		addr:    tcpAddr(host, port),
		accept:  make(chan net.Conn),
		done:    make(chan struct{}),
	}
	if _, taken := n.listeners[l.key]; taken {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Addr: l.addr, Err: syscall.EADDRINUSE}
	}
	n.listeners[l.key] = l
	return l, nil
}

// DialContext connects to the listener on host:port and waits until it accepts. It fits http.Transport and net.Dialer.
// A port where nobody listens is refused at once, as by a real kernel (syscall.ECONNREFUSED).
func (n *Network) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := split(address)
	if err != nil {
		return nil, fmt.Errorf("dialing %q: %w", address, err)
	}
	refused := &net.OpError{Op: "dial", Net: network, Addr: tcpAddr(host, port), Err: syscall.ECONNREFUSED}

	l, client, server := n.connect(host, port)
	if l == nil {
		return nil, refused
	}
	select {
	case l.accept <- server:
		return client, nil
	case <-l.done:
		err = refused
	case <-ctx.Done():
		err = fmt.Errorf("dialing %q: %w", address, ctx.Err())
	}
	return nil, errors.Join(err, client.Close(), server.Close())
}

// Client returns an HTTP client on this network, with its own connection pool, no proxy and no cookies. A server that does not
// begin its answer within a minute is given up.
func (n *Network) Client() *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: n.DialContext, ResponseHeaderTimeout: time.Minute}}
}

// Close ends every listener and every connection, idle ones in the pools of clients included, so that the goroutines
// behind them end and the bubble with them. It may be called again.
func (n *Network) Close() error {
	n.mu.Lock()
	n.closed = true
	closers := make([]interface{ Close() error }, 0, len(n.listeners)+len(n.conns))
	for _, l := range n.listeners {
		closers = append(closers, l)
	}
	for c := range n.conns {
		closers = append(closers, c)
	}
	n.mu.Unlock()

	var errs []error
	for _, c := range closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// connect finds the listener and makes both ends of a connection to it; nil if nobody listens.
func (n *Network) connect(host string, port int) (l *listener, client, server *conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l = n.listeners[join(host, port)]
	if l == nil || n.closed {
		return nil, nil, nil
	}
	from := &net.TCPAddr{IP: l.addr.IP, Port: n.freePort()}
	a, b := net.Pipe()
	client = &conn{Conn: a, network: n, local: from, remote: l.addr}
	server = &conn{Conn: b, network: n, local: l.addr, remote: from}
	n.conns[client], n.conns[server] = struct{}{}, struct{}{}
	return l, client, server
}

// freePort counts through the ephemeral range; connections may share a port with one long gone. The caller holds n.mu.
func (n *Network) freePort() int {
	port := n.nextPort
	n.nextPort++
	if n.nextPort > 65535 {
		n.nextPort = 49152
	}
	return port
}

func split(address string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	number, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return "", 0, fmt.Errorf("want a port number, got %q", text)
	}
	if host == "localhost" || host == "" {
		host = "127.0.0.1"
	}
	return host, int(number), nil
}

func join(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }

func tcpAddr(host string, port int) *net.TCPAddr {
	ip := net.ParseIP(host)
	if ip == nil {
		ip = net.IPv4(127, 0, 0, 1)
	}
	return &net.TCPAddr{IP: ip, Port: port}
}
