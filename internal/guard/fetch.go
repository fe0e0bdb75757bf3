package guard

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	maxDocument = 1 << 20 // bytes of metadata or of a key set
	maxAnswer   = 64 << 10
	idleTime    = 10 * time.Second
	maxIdle     = 8
)

// withoutRedirects makes the client that asks the issuer: where keys and verdicts come from is configured or discovered,
// never forwarded.
func withoutRedirects(client *http.Client) *http.Client {
	c := http.Client{}
	if client != nil {
		c = *client
	} else if transport, ok := http.DefaultTransport.(*http.Transport); ok {
		transport = transport.Clone()
		transport.MaxResponseHeaderBytes = 64 << 10
		transport.IdleConnTimeout, transport.MaxIdleConnsPerHost = idleTime, maxIdle
		c.Transport = transport
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.Jar = nil
	return &c
}

// get fetches a document that changes rarely.
func get(ctx context.Context, client *http.Client, location string) ([]byte, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, location, nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Close = true // minutes pass between two fetches: no connection and no goroutine waits for the next
	resp, err := client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("want status 200, got %d", resp.StatusCode)
	}
	body, err := readUpTo(resp.Body, maxDocument)
	return body, resp.Header, err
}

func readUpTo(r io.Reader, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("want at most %d bytes, got more", limit)
	}
	return body, nil
}
