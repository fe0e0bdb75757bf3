package guard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The endpoints that verification needs, by their names in the metadata.
const (
	jwksURI               = "jwks_uri"
	introspectionEndpoint = "introspection_endpoint"
	userinfoEndpoint      = "userinfo_endpoint"
)

const (
	metadataAge   = time.Hour // then an endpoint is looked up again
	metadataRetry = time.Minute
)

// authority finds the endpoints of one issuer: those of the settings, else those of its metadata. Safe for concurrent use.
type authority struct {
	issuer      string // as the metadata must name it
	url         *url.URL
	metadataURL string
	configured  map[string]string
	client      *http.Client

	turn  chan struct{} // holds one token: who has it may touch found, and fetch
	found map[string]finding
}

// finding is the last try to find an endpoint: where it is, or why that is not known.
type finding struct {
	location string
	failure  error
	until    time.Time
}

func newAuthority(s Settings, client *http.Client) *authority {
	issuer, _ := url.Parse(s.Issuer)
	return &authority{
		issuer: s.MetadataIssuer, url: issuer, metadataURL: s.MetadataURL, client: client,
		turn: make(chan struct{}, 1), found: map[string]finding{},
		configured: map[string]string{jwksURI: s.JWKSURL, introspectionEndpoint: s.Introspection.URL, userinfoEndpoint: s.Userinfo.URL},
	}
}

// endpoint returns the URL of an endpoint. For one in the settings no metadata are read.
func (a *authority) endpoint(ctx context.Context, name string) (string, error) {
	if location := a.configured[name]; location != "" {
		return location, nil
	}
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	last, tried := a.found[name]
	if !tried || !time.Now().Before(last.until) {
		last = a.look(ctx, name, last)
		a.found[name] = last
	}
	return last.location, last.failure
}

// look finds an endpoint again. Where it was is good while the metadata cannot be read.
func (a *authority) look(ctx context.Context, name string, last finding) finding {
	if last.location != "" { // leaves time for the question itself
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, fetchTimeout/4)
		defer cancel()
	}
	location, err := a.discover(ctx, name)
	switch {
	case err == nil:
		return finding{location: location, until: time.Now().Add(metadataAge)}
	case last.location != "":
		return finding{location: last.location, until: time.Now().Add(metadataRetry)}
	}
	return finding{failure: err, until: time.Now().Add(firstBackoff)}
}

// forget makes the next call read the metadata again: an endpoint that fails may have moved.
func (a *authority) forget(ctx context.Context, name string) {
	select {
	case a.turn <- struct{}{}:
		delete(a.found, name)
		<-a.turn
	case <-ctx.Done():
	}
}

// discover finds an endpoint in the issuer's metadata: RFC 8414 section 3.1 inserts the well-known part before the path,
// OpenID Connect Discovery section 4 appends it, and providers do either with both names.
func (a *authority) discover(ctx context.Context, name string) (string, error) {
	if a.metadataURL != "" {
		return a.readMetadata(ctx, a.metadataURL, name)
	}
	origin := a.url.Scheme + "://" + a.url.Host
	path := strings.TrimSuffix(a.url.EscapedPath(), "/")
	const oauth, openid = "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"
	places := []string{origin + oauth + path, origin + openid + path}
	if path != "" {
		places = append(places, origin+path+openid, origin+path+oauth)
	}
	var failures []error
	for _, place := range places {
		location, err := a.readMetadata(ctx, place, name)
		if err == nil {
			return location, nil
		}
		failures = append(failures, err)
		var unreachable *url.Error
		if errors.As(err, &unreachable) { // so are the other placements
			break
		}
	}
	return "", errors.Join(failures...)
}

func (a *authority) readMetadata(ctx context.Context, place, name string) (string, error) {
	fail := func(format string, args ...any) (string, error) {
		return "", fmt.Errorf("reading %s: %w", place, fmt.Errorf(format, args...))
	}
	body, _, err := get(ctx, a.client, place)
	if err == nil {
		err = checkJSON(body, maxBodyDepth)
	}
	if err != nil {
		return fail("%w", err)
	}
	document, err := members(body)
	if err != nil {
		return fail("want an object, got %s", kindOf(body))
	}
	if issuer, err := stringOf(document["issuer"]); err != nil || issuer != a.issuer { // RFC 8414 section 3.3
		return fail("issuer: want %q, got %q", a.issuer, issuer)
	}
	location, err := stringOf(document[name])
	if err != nil {
		return fail("%s: want a string, got %s", name, kindOf(document[name]))
	}
	u, err := checkURL(name, location)
	if err != nil {
		return fail("%w", err)
	}
	sameOrigin := u.Scheme == a.url.Scheme && strings.EqualFold(u.Host, a.url.Host)
	if u.Scheme != "https" && !isLoopback(u.Hostname()) && !sameOrigin {
		return fail("%s: want https, got %q", name, location)
	}
	return location, nil
}
