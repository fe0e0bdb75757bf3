package testnet

import (
	"net"
	"sync"
)

// listener hands connections over only when the server asks: there is no backlog to clean up when it closes.
type listener struct {
	network *Network
	key     string
	addr    *net.TCPAddr
	accept  chan net.Conn
	done    chan struct{}
	once    sync.Once
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.accept:
		return c, nil
	case <-l.done:
		return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.addr, Err: net.ErrClosed}
	}
}

// Close frees the address. Connections that were accepted live on, as with TCP.
func (l *listener) Close() error {
	l.once.Do(func() {
		close(l.done)
		l.network.mu.Lock()
		defer l.network.mu.Unlock()
		delete(l.network.listeners, l.key)
	})
	return nil
}

func (l *listener) Addr() net.Addr { return l.addr }

// conn is one end of a net.Pipe that looks like TCP: software that decides by the peer's address sees loopback.
type conn struct {
	net.Conn
	network       *Network
	local, remote *net.TCPAddr
}

func (c *conn) LocalAddr() net.Addr  { return c.local }
func (c *conn) RemoteAddr() net.Addr { return c.remote }

func (c *conn) Close() error {
	c.network.mu.Lock()
	delete(c.network.conns, c)
	c.network.mu.Unlock()
	return c.Conn.Close()
}
