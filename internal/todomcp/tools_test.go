package todomcp_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"mcpharness/internal/todo"
)

type entry struct {
	ID, Content, OwnerID, CreatedAt string
}

type page struct {
	Todos      []entry
	NextCursor *string
}

type deleted struct{ Deleted entry }

func forEachEra(t *testing.T, test func(t *testing.T, era string)) {
	t.Parallel()
	for _, era := range eras {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			test(t, era)
		})
	}
}

func TestToolsAreListedTheSameForEverybody(t *testing.T) {
	forEachEra(t, func(t *testing.T, era string) {
		r := newRig(t)
		var lists []string
		for _, token := range []string{r.token(t, "alice", todo.Scopes()...), r.token(t, "bob"), r.token(t, "carol", todo.ScopeCreate)} {
			session := r.connect(t, era, token)
			require.Equal(t, "todo-mcp", session.InitializeResult().ServerInfo.Name)
			require.Equal(t, "1.2.3", session.InitializeResult().ServerInfo.Version)
			require.Contains(t, session.InitializeResult().Instructions, "delete-todo deletes anybody's todo with delete:todos")
			capabilities, err := json.Marshal(session.InitializeResult().Capabilities)
			require.NoError(t, err)
			require.NotContains(t, string(capabilities), `"logging"`)
			require.Contains(t, string(capabilities), `"prompts":{}`, "prompts/list is answered")
			require.Contains(t, string(capabilities), `"resources":{}`, "resources/list is answered")
			list, err := session.ListTools(t.Context(), nil)
			require.NoError(t, err)
			if era == "2026-07-28" {
				require.Equal(t, "private", list.CacheScope)
				require.Equal(t, 300_000, list.TTLMs)
			}
			text, err := json.Marshal(list.Tools)
			require.NoError(t, err)
			lists = append(lists, string(text))
		}
		require.Equal(t, lists[0], lists[1])
		require.Equal(t, lists[0], lists[2])
	})
}

func TestToolsDescribeThemselves(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	list, err := r.connect(t, eras[0], r.token(t, "bob")).ListTools(t.Context(), nil)
	require.NoError(t, err)
	type hints struct {
		readOnly, idempotent, destructive, openWorld bool
	}
	want := map[string]hints{
		"create-todo": {},
		"delete-todo": {destructive: true, idempotent: true},
		"get-todos":   {readOnly: true, idempotent: true},
		"whoami":      {readOnly: true, idempotent: true},
	}
	var names []string
	for _, tool := range list.Tools {
		names = append(names, tool.Name)
		a := tool.Annotations
		require.Equal(t, want[tool.Name], hints{a.ReadOnlyHint, a.IdempotentHint, *a.DestructiveHint, *a.OpenWorldHint}, tool.Name)
		require.NotEmpty(t, tool.Title)
		require.Equal(t, tool.Title, a.Title)
		require.NotEmpty(t, tool.Description)
		for _, schema := range []any{tool.InputSchema, tool.OutputSchema} {
			require.Equal(t, "object", schema.(map[string]any)["type"])
			require.Equal(t, false, schema.(map[string]any)["additionalProperties"])
			resolve(t, schema)
		}
	}
	require.Equal(t, []string{"create-todo", "delete-todo", "get-todos", "whoami"}, names)
}

// The limits in the schemas are written out, for people to read; they are those of the domain.
func TestSchemasTellTheDomainsLimits(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	list, err := r.connect(t, eras[0], r.token(t, "bob")).ListTools(t.Context(), nil)
	require.NoError(t, err)
	property := func(tool int, name string) map[string]any {
		return list.Tools[tool].InputSchema.(map[string]any)["properties"].(map[string]any)[name].(map[string]any)
	}
	require.EqualValues(t, todo.MaxContent, property(0, "content")["maxLength"])
	require.EqualValues(t, todo.MaxLimit, property(2, "limit")["maximum"])
	require.EqualValues(t, todo.DefaultLimit, property(2, "limit")["default"])
}

func TestEveryRevisionIsServed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	token := r.token(t, "bob", todo.ScopeCreate)
	for _, revision := range mcp.SupportedProtocolVersions() {
		session := r.connect(t, revision, token)
		created := succeed[entry](t, session, "create-todo", map[string]any{"content": revision})
		require.Equal(t, revision, created.Content)
	}
}

// resolve reads a schema as a client does.
func resolve(t *testing.T, schema any) *jsonschema.Resolved {
	t.Helper()
	text, err := json.Marshal(schema)
	require.NoError(t, err)
	var parsed jsonschema.Schema
	require.NoError(t, json.Unmarshal(text, &parsed))
	resolved, err := parsed.Resolve(nil)
	require.NoError(t, err)
	return resolved
}

func TestResultsKeepTheirOutputSchemas(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	session := r.connect(t, eras[0], r.token(t, "bob", todo.ScopeCreate))
	list, err := session.ListTools(t.Context(), nil)
	require.NoError(t, err)
	output := map[string]*jsonschema.Resolved{}
	for _, tool := range list.Tools {
		output[tool.Name] = resolve(t, tool.OutputSchema)
	}
	check := func(tool string, args any) *mcp.CallToolResult {
		result := call(t, session, tool, args)
		require.False(t, result.IsError, textOf(t, result))
		require.NoError(t, output[tool].Validate(result.StructuredContent))
		return result
	}
	check("whoami", nil)
	check("get-todos", nil)
	id := check("create-todo", map[string]any{"content": "a"}).StructuredContent.(map[string]any)["id"]
	check("create-todo", map[string]any{"content": "b"})
	check("get-todos", map[string]any{"limit": 1})
	check("delete-todo", map[string]any{"id": id})
}

func TestCreateGetDelete(t *testing.T) {
	forEachEra(t, func(t *testing.T, era string) {
		r := newRig(t)
		bob := r.connect(t, era, r.token(t, "bob", todo.ScopeCreate))
		empty := call(t, bob, "get-todos", nil)
		require.Equal(t, `{"todos":[]}`, textOf(t, empty), "an empty list is a list, and the last page")

		created := succeed[entry](t, bob, "create-todo", map[string]any{"content": "  <b>Milch</b> & 買い物 \n"})
		require.Equal(t, "<b>Milch</b> & 買い物", created.Content)
		require.Equal(t, "bob", created.OwnerID)
		require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`, created.CreatedAt)
		at, err := time.Parse(time.RFC3339, created.CreatedAt)
		require.NoError(t, err)
		require.WithinDuration(t, time.Now(), at, time.Minute)

		require.Equal(t, []entry{created}, succeed[page](t, bob, "get-todos", map[string]any{}).Todos)
		require.Equal(t, deleted{created}, succeed[deleted](t, bob, "delete-todo", map[string]any{"id": created.ID}))
		require.Empty(t, succeed[page](t, bob, "get-todos", nil).Todos)
	})
}

func TestTextIsNotEscapedForHTML(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	bob := r.connect(t, eras[0], r.token(t, "bob", todo.ScopeCreate))
	require.Contains(t, textOf(t, call(t, bob, "create-todo", map[string]any{"content": "a < b & c"})), `"content":"a < b & c"`)
}

func TestScopesDecideWhoseTodosAreListedAndDeleted(t *testing.T) {
	forEachEra(t, func(t *testing.T, era string) {
		r := newRig(t)
		bob := r.connect(t, era, r.token(t, "bob", todo.ScopeCreate))
		alice := r.connect(t, era, r.token(t, "alice", todo.Scopes()...))
		bobs := succeed[entry](t, bob, "create-todo", map[string]any{"content": "bob's"})
		alices := succeed[entry](t, alice, "create-todo", map[string]any{"content": "alice's"})
		require.Equal(t, []entry{bobs}, succeed[page](t, bob, "get-todos", nil).Todos)
		require.ElementsMatch(t, []entry{bobs, alices}, succeed[page](t, alice, "get-todos", nil).Todos)
		require.Equal(t, deleted{bobs}, succeed[deleted](t, alice, "delete-todo", map[string]any{"id": bobs.ID}))

		gone := call(t, alice, "delete-todo", map[string]any{"id": bobs.ID})
		require.True(t, gone.IsError)
		require.Equal(t, "no todo has this id", textOf(t, gone))
		require.Nil(t, gone.StructuredContent)
	})
}

func TestPagesThroughTheTool(t *testing.T) {
	forEachEra(t, func(t *testing.T, era string) {
		r := newRig(t)
		bob := r.connect(t, era, r.token(t, "bob", todo.ScopeCreate))
		want := map[string]bool{}
		for i := range 5 {
			want[succeed[entry](t, bob, "create-todo", map[string]any{"content": fmt.Sprint(i)}).ID] = true
		}
		args := map[string]any{"limit": 2}
		var sizes []int
		for {
			got := succeed[page](t, bob, "get-todos", args)
			sizes = append(sizes, len(got.Todos))
			for _, e := range got.Todos {
				require.True(t, want[e.ID], "once")
				delete(want, e.ID)
			}
			if got.NextCursor == nil {
				break
			}
			args["cursor"] = *got.NextCursor
		}
		require.Equal(t, []int{2, 2, 1}, sizes)
		require.Empty(t, want)
	})
}

func TestWhoami(t *testing.T) {
	forEachEra(t, func(t *testing.T, era string) {
		r := newRig(t)
		type who struct {
			Subject, Issuer, Client string
			Scopes, Roles           []string
		}
		got := succeed[who](t, r.connect(t, era, r.token(t, "bob", "create:todos", "openid")), "whoami", nil)
		require.Equal(t, who{"bob", r.issuer.url, "inspector", []string{"create:todos", "openid"}, []string{"User"}}, got)
		bare := textOf(t, call(t, r.connect(t, era, r.token(t, "carol")), "whoami", map[string]any{}))
		require.Contains(t, bare, `"scopes":[]`)
	})
}

func TestNothingPrivateIsLogged(t *testing.T) {
	forEachEra(t, func(t *testing.T, era string) {
		r := newRig(t)
		token := r.token(t, "bob", todo.ScopeCreate)
		bob := r.connect(t, era, token)
		created := succeed[entry](t, bob, "create-todo", map[string]any{"content": "my secret plan"})
		call(t, bob, "create-todo", map[string]any{"content": 1, "my secret plan": 1})
		_, err := bob.CallTool(t.Context(), &mcp.CallToolParams{Name: "delete-todo", Arguments: map[string]any{"id": "my secret plan"}})
		require.Error(t, err)
		call(t, bob, "delete-todo", map[string]any{"id": created.ID})
		for _, secret := range []string{"secret plan", token, strings.Split(token, ".")[2]} {
			require.NotContains(t, r.logs.String(), secret)
		}
	})
}
