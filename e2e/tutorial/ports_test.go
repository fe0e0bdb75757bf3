package tutorial

import (
	"math/rand/v2"
	"net"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// ports puts free ports in the place of those that a page names, so that tests run beside each other and beside what a developer has running.
// What programs print is put back before it is compared. Not safe for concurrent use.
type ports struct {
	t          testing.TB
	real, page map[string]string // one to the other
}

func newPorts(t testing.TB) *ports {
	return &ports{t, map[string]string{}, map[string]string{}}
}

var loopback = regexp.MustCompile(`(localhost|127\.0\.0\.1)(:|%3A)([0-9]{4,5})\b`)

// untouched are ports of programs that the tests do not run, such as the Inspector.
var untouched = map[string]bool{"6274": true, "6276": true}

// there is the text with the ports that are used here.
func (p *ports) there(text string) string {
	return p.replace(text, func(port string) string {
		if untouched[port] {
			return port
		}
		return p.of(port)
	})
}

// back is the text with the ports of the page.
func (p *ports) back(text string) string {
	return p.replace(text, func(port string) string {
		if original, ok := p.page[port]; ok {
			return original
		}
		return port
	})
}

func (p *ports) replace(text string, with func(string) string) string {
	return loopback.ReplaceAllStringFunc(text, func(found string) string {
		m := loopback.FindStringSubmatch(found)
		return m[1] + m[2] + with(m[3])
	})
}

// of is the port that is used for one of the page. Systems give no port below 32768 to a program that asks for any, so that nobody takes it
// between here and the start of the program that is meant to have it.
func (p *ports) of(port string) string {
	if known, ok := p.real[port]; ok {
		return known
	}
	for range 100 {
		candidate := strconv.Itoa(20000 + rand.IntN(10000))
		if p.page[candidate] != "" || !free(candidate) {
			continue
		}
		p.use(port, candidate)
		return candidate
	}
	require.Fail(p.t, "no free port")
	return ""
}

func (p *ports) use(port, there string) { p.real[port], p.page[there] = there, port }

func free(port string) bool {
	for _, host := range []string{"127.0.0.1", "::1"} {
		l, err := net.Listen("tcp", net.JoinHostPort(host, port))
		if err != nil && host == "127.0.0.1" {
			return false
		}
		if err == nil {
			_ = l.Close()
		}
	}
	return true
}
