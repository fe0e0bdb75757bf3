package guard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	maxDocument = 1 << 20 // bytes of metadata or of a key set
	defaultAge  = 5 * time.Minute
	minAge      = 10 * time.Second
	maxAge      = 15 * time.Minute // a withdrawn key is honoured no longer than this
)

// withoutRedirects makes the client that fetches: where keys come from is configured or discovered, never forwarded.
func withoutRedirects(client *http.Client) *http.Client {
	c := http.Client{}
	if client != nil {
		c = *client
	} else if transport, ok := http.DefaultTransport.(*http.Transport); ok {
		transport = transport.Clone()
		transport.MaxResponseHeaderBytes = 64 << 10
		c.Transport = transport
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.Jar = nil
	return &c
}

func (s *keySource) fetchKeys(ctx context.Context) (*keySet, error) {
	location := s.jwksURL
	if location == "" {
		if s.discovered == "" || time.Since(s.foundAt) > metadataAge {
			found, err := s.discover(ctx)
			if err != nil {
				return nil, fmt.Errorf("finding the key set: %w", err)
			}
			s.discovered, s.foundAt = found, time.Now()
		}
		location = s.discovered
	}
	body, header, err := s.get(ctx, location)
	var set *keySet
	if err == nil {
		set, err = decodeKeySet(body, s.logger)
	}
	if err != nil {
		s.discovered = "" // the issuer may have moved it
		return nil, fmt.Errorf("fetching the key set %s: %w", location, err)
	}
	set.fetched = time.Now()
	set.expires = set.fetched.Add(cacheAge(header.Get("Cache-Control")))
	return set, nil
}

// discover finds jwks_uri in the issuer's metadata: RFC 8414 section 3.1 inserts the well-known part before the path,
// OpenID Connect Discovery section 4 appends it, and providers do either with both names.
func (s *keySource) discover(ctx context.Context) (string, error) {
	if s.metadataURL != "" {
		return s.readMetadata(ctx, s.metadataURL)
	}
	origin := s.issuerURL.Scheme + "://" + s.issuerURL.Host
	path := strings.TrimSuffix(s.issuerURL.EscapedPath(), "/")
	const oauth, openid = "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"
	places := []string{origin + oauth + path, origin + openid + path}
	if path != "" {
		places = append(places, origin+path+openid, origin+path+oauth)
	}
	var failures []error
	for _, place := range places {
		location, err := s.readMetadata(ctx, place)
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

func (s *keySource) readMetadata(ctx context.Context, place string) (string, error) {
	body, _, err := s.get(ctx, place)
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", place, err)
	}
	if err := checkJSON(body, maxBodyDepth); err != nil {
		return "", fmt.Errorf("reading %s: %w", place, err)
	}
	document, err := members(body)
	if err != nil {
		return "", fmt.Errorf("reading %s: want an object, got %s", place, kindOf(body))
	}
	if issuer, err := stringOf(document["issuer"]); err != nil || issuer != s.issuer { // RFC 8414 section 3.3
		return "", fmt.Errorf("reading %s: issuer: want %q, got %q", place, s.issuer, issuer)
	}
	location, err := stringOf(document["jwks_uri"])
	if err != nil {
		return "", fmt.Errorf("reading %s: jwks_uri: want a string, got %s", place, kindOf(document["jwks_uri"]))
	}
	u, err := checkURL("jwks_uri", location)
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", place, err)
	}
	sameOrigin := u.Scheme == s.issuerURL.Scheme && strings.EqualFold(u.Host, s.issuerURL.Host)
	if u.Scheme != "https" && !isLoopback(u.Hostname()) && !sameOrigin {
		return "", fmt.Errorf("reading %s: jwks_uri: want https, got %q", place, location)
	}
	return location, nil
}

func (s *keySource) get(ctx context.Context, location string) ([]byte, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, location, nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Close = true // minutes pass between two fetches: no connection and no goroutine waits for the next
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("want status 200, got %d", resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument+1))
	if err != nil {
		return nil, nil, fmt.Errorf("reading the answer: %w", err)
	}
	if len(body) > maxDocument {
		return nil, nil, fmt.Errorf("want at most %d bytes, got more", maxDocument)
	}
	return body, resp.Header, nil
}

// cacheAge takes the issuer's max-age within bounds.
func cacheAge(cacheControl string) time.Duration {
	age := defaultAge
	for directive := range strings.SplitSeq(cacheControl, ",") {
		directive = strings.ToLower(strings.TrimSpace(directive))
		if directive == "no-store" || directive == "no-cache" {
			return minAge
		}
		if value, ok := strings.CutPrefix(directive, "max-age="); ok {
			if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
				age = time.Duration(seconds) * time.Second
			}
		}
	}
	return min(max(age, minAge), maxAge)
}
