package guard

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// latest is the end of year 9999 (RFC 3339's last), far above every honest time and far below where arithmetic wraps.
const latest = 253402300799

// validity is when a token may be used. A time that the token does not name is zero.
type validity struct {
	expires, notBefore, issued time.Time
}

func readValidity(c claims) (v validity, err error) {
	for name, into := range map[string]*time.Time{"exp": &v.expires, "nbf": &v.notBefore, "iat": &v.issued} {
		if raw, present := c[name]; present {
			if *into, err = timeOf(name, raw); err != nil {
				return validity{}, err
			}
		}
	}
	return v, nil
}

// judge applies RFC 7519 sections 4.1.4 to 4.1.6. Whether exp must be there is the caller's to say.
func (v validity) judge(now time.Time, leeway time.Duration) error {
	switch late := now.Add(leeway); {
	case !v.expires.IsZero() && !now.Before(v.expires.Add(leeway)):
		return refuseToken("the token has expired")
	case late.Before(v.notBefore):
		return refuseToken("the token is not valid yet (nbf)")
	case late.Before(v.issued):
		return refuseToken("the token was issued in the future (iat)")
	}
	return nil
}

// timeOf reads a NumericDate, which may have a fraction.
func timeOf(name string, raw json.RawMessage) (time.Time, error) {
	if kindOf(raw) != "a number" {
		return time.Time{}, refuseToken("%s: want a number of seconds, got %s", name, kindOf(raw))
	}
	seconds, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || seconds < 0 || seconds > latest {
		return time.Time{}, refuseToken("%s: want seconds since 1970, before the year 10000", name)
	}
	whole := math.Floor(seconds)
	return time.Unix(int64(whole), int64((seconds-whole)*1e9)), nil
}
