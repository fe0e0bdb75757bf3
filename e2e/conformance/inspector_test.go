//go:build unix

package conformance

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"mcpharness/e2e/binary"
	"mcpharness/e2e/strangers/installation"
)

// TestTheInspectorsPageWorksAsInTheTutorial is what a person does with the Inspector and two users: bob's delete of alice's
// todo is refused, also after he has signed in again for it; alice's succeeds.
// It is not parallel: a page whose processor is busy moves things about while one clicks.
func TestTheInspectorsPageWorksAsInTheTutorial(t *testing.T) {
	dir := installation.Dir(t, "CONFORMANCE")
	var todo struct{ URL, Issuer string }
	binary.Start(t, binary.Build(t, "todo-mcp"), &todo, "--listen", "localhost:0", "--idp-listen", "localhost:0", "--db", filepath.Join(t.TempDir(), "todos.db"))
	alices := createTodo(t, todo.URL, signIn(t, todo.Issuer, todo.URL, "alice"), "alice's own")
	b := newBrowser(t)
	// The last step waits until the Inspector has come back from the sign-in.
	signInAs := func(person string) chromedp.Action[chromedp.Void] {
		return chromedp.Steps(
			chromedp.Click(`//button[@name = "username"][@value = "`+person+`"]`),
			chromedp.Click(`//button[@name = "decision"][@value = "allow"]`),
			chromedp.WaitVisible(`[data-testid="connection-status"][data-status="connected"]`))
	}

	b.do(t, chromedp.Navigate(startInspector(t, dir, todo.URL)), signInAs("bob"))
	b.do(t, again(chromedp.Click(`//label[normalize-space() = "Tools"]`), see("create-todo")), see("get-todos"), see("delete-todo"), see("whoami"))
	b.do(t, tool("create-todo"), fill("content", "Buy milk"), press("Execute Tool"), shows(`"content": "Buy milk"`))

	b.do(t, tool("delete-todo"), fill("id", alices), press("Execute Tool"))
	b.do(t, see("Additional permissions required"), see("additional scope: delete:todos"), press("Authorize"), signInAs("bob"), see("Additional permissions not granted"))

	// The form is as it was.
	b.do(t, press("Execute Tool"), see("Additional permissions required"), press("Authorize"), signInAs("alice"), see("Step-up authorization succeeded"))
	b.do(t, press("Execute Tool"), shows(`"content": "alice's own"`))

	require.Empty(t, b.violated(), "of content security policies")
	// Would a violation have been seen?
	b.do(t, chromedp.Navigate(todo.Issuer+"/"), chromedp.Evaluate[chromedp.Void](`document.body.append(Object.assign(document.createElement("script"), {text: "1"}))`))
	require.Eventually(t, func() bool { return len(b.violated()) == 1 }, stepPatience, 20*time.Millisecond)
}

// tool opens the form of a tool from the list.
func tool(name string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(`//button[.//p[normalize-space() = "` + name + `"]]`)
}

// startInspector starts the Inspector's server on free ports, and returns the URL of its page that connects to the server at once.
func startInspector(t *testing.T, dir, server string) string {
	t.Helper()
	home := t.TempDir()
	catalog := filepath.Join(home, "catalog.json")
	require.NoError(t, os.WriteFile(catalog, []byte(`{"mcpServers": {}}`), 0o600))
	origin := fmt.Sprintf("http://127.0.0.1:%d", freePort(t))
	const token = "of-the-page"
	cmd := exec.Command(installation.Node(t, dir), filepath.Join(dir, "node_modules/.bin/mcp-inspector"), "--web", "--catalog", catalog)
	cmd.Dir = home
	cmd.Env = []string{
		"HOME=" + home, "PATH=/usr/bin:/bin", "MCP_AUTO_OPEN_ENABLED=false", "MCP_INSPECTOR_SECRET_STORE=memory", "MCP_INSPECTOR_API_TOKEN=" + token,
		"CLIENT_PORT=" + strings.TrimPrefix(origin, "http://127.0.0.1:"),
		"MCP_SANDBOX_PORT=" + strconv.Itoa(freePort(t)), "MCP_APP_ORIGIN_PORT=" + strconv.Itoa(freePort(t)),
	}
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("the Inspector says:\n%s", &log)
		}
	})
	require.Eventually(t, func() bool {
		response, err := http.Get(origin)
		if err == nil {
			_ = response.Body.Close()
		}
		return err == nil
	}, stepPatience, 50*time.Millisecond, "the Inspector listens at %s", origin)
	return origin + "/?" + url.Values{"serverUrl": {server}, "transport": {"http"}, "autoConnect": {token}}.Encode()
}

// createTodo makes a todo of the token's owner and returns its id.
func createTodo(t *testing.T, server, token, content string) string {
	t.Helper()
	transport := &mcp.StreamableClientTransport{Endpoint: server, DisableStandaloneSSE: true,
		HTTPClient: oauth2.NewClient(t.Context(), oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token}))}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "e2e", Version: "1"}, nil).Connect(t.Context(), transport, nil)
	require.NoError(t, err)
	defer session.Close()
	result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "create-todo", Arguments: map[string]any{"content": content}})
	require.NoError(t, err)
	id, _ := result.StructuredContent.(map[string]any)["id"].(string)
	require.NotEmpty(t, id)
	return id
}
