package fetch

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// freshFor says how long an answer may be used without asking again (RFC 9111 §4.2.1, for a cache that many share). It is negative
// where the headers do not say.
func freshFor(h http.Header, now time.Time) time.Duration {
	directives := map[string]string{}
	for _, line := range h.Values("Cache-Control") {
		for directive := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
			name = strings.ToLower(name)
			if _, repeated := directives[name]; !repeated { // RFC 9111 §4.2.1: the first one counts
				directives[name] = strings.Trim(value, `"`)
			}
		}
	}
	for _, never := range []string{"no-store", "no-cache", "private"} {
		if _, said := directives[never]; said {
			return 0
		}
	}
	age := max(0, seconds(h.Get("Age")))
	for _, name := range []string{"s-maxage", "max-age"} {
		if value, said := directives[name]; said {
			return max(0, seconds(value)-age) // a value that is no number counts as stale
		}
	}
	if expires := h.Get("Expires"); expires != "" {
		at, err := http.ParseTime(expires)
		if err != nil {
			return 0 // RFC 9111 §5.3: in the past
		}
		served := now
		if date, err := http.ParseTime(h.Get("Date")); err == nil {
			served = date
		}
		return max(0, at.Sub(served)-age)
	}
	return -1
}

// seconds reads delta-seconds; what is none is 0, what is more than a lifetime is as good as one (RFC 9111 §1.2.2).
func seconds(value string) time.Duration {
	n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 64)
	switch {
	case err != nil && n == 0:
		return 0
	case n > 1<<31:
		n = 1 << 31
	}
	return time.Duration(n) * time.Second
}
