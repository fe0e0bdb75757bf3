package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/oauthex"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/hostile"
)

// answer is a whole HTTP answer, and the id of its request.
type answer struct {
	status int
	header http.Header
	body   []byte
	method string
	id     string
}

// faults compares an answer with the one wanted.
func (a *answer) faults(want hostile.Answer, resource string) []string {
	var faults []string
	differ := func(what string, want, got any) {
		if want != got {
			faults = append(faults, fmt.Sprintf("%s: want %v, got %v", what, want, got))
		}
	}
	differ("status", want.Status, a.status)
	differ("Allow", want.Allow, a.header.Get("Allow"))
	challenges, err := oauthex.ParseWWWAuthenticate(a.header.Values("WWW-Authenticate"))
	if err != nil {
		return append(faults, "WWW-Authenticate: "+err.Error())
	}
	if !want.Challenge {
		differ("challenges", 0, len(challenges))
	} else if len(challenges) != 1 {
		differ("challenges", 1, len(challenges))
	} else {
		params := challenges[0].Params
		_, described := params["error_description"]
		differ("scheme", "bearer", strings.ToLower(challenges[0].Scheme))
		differ("error", want.Error, params["error"])
		differ("error_description is there", want.Error != "", described)
		differ("scope", want.Scope, params["scope"])
		differ("resource_metadata", strings.Replace(resource, "/mcp", "/.well-known/oauth-protected-resource/mcp", 1), params["resource_metadata"])
	}
	if a.method == http.MethodHead {
		return faults
	}
	differ("Content-Type", "application/json", a.header.Get("Content-Type"))
	var message struct {
		Version string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Result  *struct {
			IsError bool `json:"isError"`
		} `json:"result"`
		Error struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	if err := json.Unmarshal(a.body, &message); err != nil {
		return append(faults, "body: "+err.Error())
	}
	id := a.id
	if want.NoID {
		id = "null"
	}
	differ("jsonrpc", "2.0", message.Version)
	differ("id", id, string(message.ID))
	differ("error code", want.Code, message.Error.Code)
	differ("error message is there", want.Code != 0, message.Error.Message != "")
	differ("result is there", want.Code == 0, message.Result != nil)
	differ("isError", want.ToolError, message.Result != nil && message.Result.IsError)
	return faults
}

// challengeError is the error of the answer's one challenge.
func (a *answer) challengeError(t *testing.T) string {
	t.Helper()
	challenges, err := oauthex.ParseWWWAuthenticate(a.header.Values("WWW-Authenticate"))
	require.NoError(t, err)
	require.Len(t, challenges, 1)
	return challenges[0].Params["error"]
}
