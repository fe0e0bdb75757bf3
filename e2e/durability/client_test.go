//go:build unix

package durability

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"mcpharness/mockidp"
)

// person is somebody with a token, and calls tools with it at any replica.
type person struct {
	http  *http.Client
	token string
}

func newPerson(idp *mockidp.Server, client *http.Client, subject string, scopes ...string) *person {
	now := time.Now()
	return &person{http: client, token: idp.Mint(nil, map[string]any{
		"iss": idp.Issuer(), "aud": publicURL, "sub": subject, "client_id": "mcp-client", "scope": strings.Join(scopes, " "),
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "jti": rand.Text(),
	}, nil)}
}

type entry struct {
	ID      string `json:"id"`
	Content string `json:"content"`
	OwnerID string `json:"ownerId"`
}

// errRefused means that the server said no, so that nothing has changed. After any other error nobody knows.
var errRefused = errors.New("refused")

// call runs a tool and decodes its result.
func (p *person) call(ctx context.Context, url, tool string, arguments, result any) error {
	body, err := json.Marshal(map[string]any{
		"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": map[string]any{"name": tool, "arguments": arguments},
	})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	request.Host = "todo.example"
	request.Header.Set("Authorization", "Bearer "+p.token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json, text/event-stream")
	request.Header.Set("MCP-Protocol-Version", "2025-11-25")
	response, err := p.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusTooManyRequests: // nothing was done
		select {
		case <-time.After(time.Second):
			return p.call(ctx, url, tool, arguments, result)
		case <-ctx.Done():
			return ctx.Err()
		}
	case http.StatusForbidden:
		return fmt.Errorf("%w: %s: %s", errRefused, response.Status, answer)
	default:
		return fmt.Errorf("%s: %s", response.Status, answer)
	}
	var message struct {
		Error  json.RawMessage
		Result struct {
			IsError           bool
			Content           []struct{ Text string }
			StructuredContent json.RawMessage
		}
	}
	if err := json.Unmarshal(answer, &message); err != nil {
		return fmt.Errorf("%w: %s", err, answer)
	}
	switch r := message.Result; {
	case message.Error != nil:
		return fmt.Errorf("protocol error: %s", message.Error)
	case r.IsError && len(r.Content) == 1 && r.Content[0].Text == "no todo has this id":
		return fmt.Errorf("%w: %s", errRefused, r.Content[0].Text)
	case r.IsError:
		return fmt.Errorf("tool error: %s", answer)
	}
	return json.Unmarshal(message.Result.StructuredContent, result)
}

func (p *person) create(ctx context.Context, url, content string) (entry, error) {
	var created entry
	err := p.call(ctx, url, "create-todo", map[string]any{"content": content}, &created)
	return created, err
}

func (p *person) delete(ctx context.Context, url, id string) (entry, error) {
	var result struct{ Deleted entry }
	err := p.call(ctx, url, "delete-todo", map[string]any{"id": id}, &result)
	return result.Deleted, err
}

// list walks over all pages, of which each may come from another of the replicas.
func (p *person) list(ctx context.Context, limit int, urls ...string) ([]entry, error) {
	var all []entry
	arguments := map[string]any{"limit": limit}
	for i := 0; ; i++ {
		var page struct {
			Todos      []entry
			NextCursor string
		}
		if err := p.call(ctx, urls[i%len(urls)], "get-todos", arguments, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Todos...)
		if page.NextCursor == "" {
			return all, nil
		}
		arguments["cursor"] = page.NextCursor
	}
}
