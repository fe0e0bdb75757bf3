//go:build unix

package strangers

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// remote is mcp-remote: an MCP server on stdio for a host that speaks nothing else, and a client of the todo server.
type remote struct {
	*conversation
	lastID int
}

func mcpRemote(t *testing.T, d *desk, url string) client {
	// Its usual port comes from the URL: bob's and alice's would be the same.
	return &remote{conversation: converse(t, d, d.node(), d.module(".bin/mcp-remote"), url, strconv.Itoa(freePort(t)))}
}

type rpcAnswer struct {
	ID     int
	Result json.RawMessage
	Error  *struct{ Message string }
}

// request is the host's side of JSON-RPC, with the handshake before the first request.
func (r *remote) request(t *testing.T, method string, params any) rpcAnswer {
	t.Helper()
	if r.lastID == 0 {
		r.lastID++
		r.send(t, map[string]any{"jsonrpc": "2.0", "id": r.lastID, "method": "initialize", "params": map[string]any{
			"protocolVersion": "2025-11-25", "capabilities": map[string]any{}, "clientInfo": map[string]any{"name": "host", "version": "1"},
		}})
		require.Nil(t, r.answer(t).Error)
		r.send(t, map[string]any{"jsonrpc": "2.0", "method": "notifications/initialized"})
	}
	r.lastID++
	r.send(t, map[string]any{"jsonrpc": "2.0", "id": r.lastID, "method": method, "params": params})
	return r.answer(t)
}

// answer waits for the answer to the last request, past notifications.
func (r *remote) answer(t *testing.T) rpcAnswer {
	t.Helper()
	for {
		var a rpcAnswer
		if r.receive(t, &a); a.ID == r.lastID {
			return a
		}
	}
}

func (r *remote) tools(t *testing.T) []string {
	t.Helper()
	a := r.request(t, "tools/list", map[string]any{})
	require.Nil(t, a.Error)
	return toolNames(t, a.Result)
}

func (r *remote) call(t *testing.T, tool string, arguments map[string]any) answer {
	t.Helper()
	a := r.request(t, "tools/call", map[string]any{"name": tool, "arguments": arguments})
	if a.Error != nil {
		return answer{Refusal: a.Error.Message}
	}
	return resultOf(t, a.Result)
}
