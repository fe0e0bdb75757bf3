package fetch

import (
	"fmt"
	"net/netip"
)

// special lists what is not for the public internet and what netip.Addr has no word for (RFC 6890 and the IANA registries it founded).
// Of IPv6 only 2000::/3 is assigned to the public at all.
var special = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

var publicIPv6 = netip.MustParsePrefix("2000::/3")

func prefixes(all ...string) []netip.Prefix {
	var parsed []netip.Prefix
	for _, p := range all {
		parsed = append(parsed, netip.MustParsePrefix(p))
	}
	return parsed
}

type addressError struct{ address netip.Addr }

func (e *addressError) Error() string {
	return fmt.Sprintf("the host is at %s, a loopback, private or otherwise special address, from which nothing is fetched; client_documents: {allow_private: true} allows it in tests", e.address)
}

// checkAddress refuses what no stranger may make the server talk to.
func checkAddress(address string) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("connecting to %q: %w", address, err)
	}
	if !public(to.Addr()) {
		return &addressError{to.Addr()}
	}
	return nil
}

func public(address netip.Addr) bool {
	address = address.Unmap().WithZone("") // ::ffff:127.0.0.1 connects to 127.0.0.1
	if !address.IsGlobalUnicast() || address.IsPrivate() || address.Is6() && !publicIPv6.Contains(address) {
		return false
	}
	for _, p := range special {
		if p.Contains(address) {
			return false
		}
	}
	return true
}
