// Package command holds what the two commands do alike: listening, logging, and how they end.
package command

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// Listen opens the address of a flag. "localhost" is opened on 127.0.0.1 and, where the machine has it, on ::1, as clients may
// try either. Port 0 takes a free port. Other addresses than loopback need insecure. The authority is host and port for URLs.
func Listen(flag, address string, insecure bool) (listeners []net.Listener, authority string, err error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, "", fmt.Errorf("--%s %s: want host:port, for example localhost:0", flag, address)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil {
		return nil, "", fmt.Errorf("--%s %s: want a port number from 0 to 65535, got %q", flag, address, port)
	} else if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) && !insecure {
		return nil, "", fmt.Errorf("--%s %s: other machines could reach this address; this is a test server, so it listens on loopback (localhost:%d) unless --insecure-listen is given", flag, address, n)
	}
	if host != "localhost" {
		l, err := net.Listen("tcp", address)
		if err != nil {
			return nil, "", explain(flag, address, err)
		}
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			host = "localhost"
		}
		return []net.Listener{l}, net.JoinHostPort(host, portOf(l)), nil
	}
	return listenLocalhost(flag, port)
}

// listenLocalhost needs one port that is free on both addresses; with port 0 the first address chooses, and it is tried anew
// where the second is taken.
func listenLocalhost(flag, port string) ([]net.Listener, string, error) {
	for try := 1; ; try++ {
		four, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", port))
		if err != nil {
			return nil, "", explain(flag, net.JoinHostPort("localhost", port), err)
		}
		authority := net.JoinHostPort("localhost", portOf(four))
		six, err := net.Listen("tcp6", net.JoinHostPort("::1", portOf(four)))
		switch {
		case err == nil:
			return []net.Listener{four, six}, authority, nil
		case !errors.Is(err, syscall.EADDRINUSE): // no IPv6 here
			return []net.Listener{four}, authority, nil
		}
		_ = four.Close()
		if port != "0" || try == 10 {
			return nil, "", explain(flag, authority, err)
		}
	}
}

func portOf(l net.Listener) string { return strconv.Itoa(l.Addr().(*net.TCPAddr).Port) }

func explain(flag, address string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		host, port, _ := net.SplitHostPort(address)
		return fmt.Errorf("port %s on %s is taken by another program; choose another with --%s %s:PORT, or port 0 for a free one", port, host, flag, host)
	}
	return fmt.Errorf("--%s %s: %w", flag, address, err)
}
