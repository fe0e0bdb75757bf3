package fetch_test

import (
	"context"
	"crypto/x509"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"mcpharness/internal/idp/fetch"
)

// The addresses are judged after the name is resolved and before anything is sent.
func TestSpecialAddressesAreNotConnectedTo(t *testing.T) {
	t.Parallel()
	server, connections := host(t, func(http.ResponseWriter, *http.Request) {})
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	require.NoError(t, err)
	for _, address := range []string{
		"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "::", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
		"192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
		"fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "2001::1", "100::1", "fec0::1",
	} {
		ip := netip.MustParseAddr(address)
		named := fetch.New(fetch.Options{Trusted: []*x509.Certificate{server.Certificate()}, Resolver: resolving(ip)})
		_, err := named.JSON(t.Context(), "https://stranger.example:"+port+"/client.json", limit)
		require.ErrorContains(t, err, "a loopback, private or otherwise special address", "as a name: %s", address)
		_, err = named.JSON(t.Context(), "https://"+net.JoinHostPort(address, port)+"/client.json", limit)
		require.ErrorContains(t, err, "a loopback, private or otherwise special address", "as it is: %s", address)
	}
	require.Zero(t, connections.Load())
}

func TestPublicAddressesAreConnectedTo(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"1.1.1.1", "::ffff:1.1.1.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1", "223.255.255.255", "2606:4700:4700::1111", "2003::1", "2001:200::1", "3ffe::1"} {
		require.True(t, fetch.Public(netip.MustParseAddr(address)), address)
	}
}

// resolving answers every question with one address.
func resolving(address netip.Addr) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		asks, answers := net.Pipe()
		go answer(answers, address)
		return asks, nil
	}}
}

func answer(conn net.Conn, address netip.Addr) {
	defer conn.Close()
	for {
		var size [2]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		question := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(conn, question); err != nil {
			return
		}
		var message dnsmessage.Message
		if message.Unpack(question) != nil {
			return
		}
		message.Response, message.Additionals = true, nil
		asked := message.Questions[0]
		header := dnsmessage.ResourceHeader{Name: asked.Name, Type: asked.Type, Class: asked.Class, TTL: 1}
		switch {
		case asked.Type == dnsmessage.TypeA && address.Is4():
			message.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AResource{A: address.As4()}}}
		case asked.Type == dnsmessage.TypeAAAA && address.Is6():
			message.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AAAAResource{AAAA: address.As16()}}}
		}
		packed, err := message.Pack()
		if err != nil {
			return
		}
		_, _ = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(packed))), packed...))
	}
}
