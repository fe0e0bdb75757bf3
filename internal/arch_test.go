// Package internal_test holds the test of the architecture: who may import whom.
package internal_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/personality"
)

const module = "mcpharness/"

// rule says what the files of a package, other than its tests, may import besides the standard library.
type rule struct {
	own      []string // packages of this module
	external []string // modules, by the start of their import paths
	testOnly bool     // only tests import it, so it may import testing and testify
	anything bool     // no rule but those for everybody
}

// directions is the architecture. The authorization server (idp) and the resource server (todo, guard) meet over HTTP
// and share no types: a wrong JSON name on one side must fail a test, not pass on both.
var directions = map[string]rule{
	// The commands wire everything together.
	"cmd/mock-idp": {own: []string{"mockidp", "internal/command", "internal/strictyaml", "internal/profile", "internal/providercheck"}, external: []string{"golang.org/x/term", "golang.org/x/sync"}},
	"cmd/todo-mcp": {
		own: []string{"mockidp", "providers", "internal/command", "internal/guard", "internal/todomcp", "internal/todo",
			"internal/todo/sqlstore", "internal/profile", "internal/walkthrough", "internal/toolcall", "internal/useragent", "internal/metrics"},
		external: []string{"golang.org/x/term", "golang.org/x/sync"},
	},
	"internal/command": {},

	// The authorization server. mockidp is its public face and wires its parts.
	"mockidp": {
		own: []string{"internal/idp", "internal/idp/engine", "internal/idp/store", "internal/idp/fetch", "internal/idp/statefile", "internal/idp/fault", "internal/idp/control", "internal/personality",
			"internal/realm", "internal/strictyaml", "internal/useragent"},
		external: []string{"github.com/go-jose/go-jose/v4"},
	},
	"internal/idp/control":   {own: []string{"internal/idp"}},
	"internal/idp":           {own: []string{"internal/idp/engine", "internal/idp/store", "internal/idp/pages", "internal/idp/fetch", "internal/personality"}, external: []string{"golang.org/x/sync"}},
	"internal/idp/fault":     {},
	"internal/idp/fetch":     {},
	"internal/idp/statefile": {own: []string{"internal/idp/store"}},
	"internal/idp/pages":     {},
	"internal/idp/engine": {
		own:      []string{"internal/idp/store", "internal/personality"},
		external: []string{fosite, "github.com/go-jose/go-jose/v4"},
	},
	"internal/idp/store":   {},
	"internal/realm":       {own: []string{"internal/idp/store", "internal/strictyaml"}, external: []string{"golang.org/x/crypto"}}, // Keycloak realm files and their hashed passwords
	"internal/personality": {},

	// The resource server.
	"internal/todomcp":       {own: []string{"internal/todo", "internal/guard"}, external: []string{"github.com/modelcontextprotocol/go-sdk", "golang.org/x/time"}},
	"internal/metrics":       {external: []string{"github.com/prometheus/client_golang"}},
	"internal/todo":          {},
	"internal/todo/sqlstore": {own: []string{"internal/todo"}, external: []string{"modernc.org/sqlite", "github.com/jackc/pgx/v5", "github.com/pressly/goose/v3"}},
	"internal/guard":         {external: []string{"github.com/go-jose/go-jose/v4", "golang.org/x/sync", "golang.org/x/time"}},
	"internal/profile":       {own: []string{"internal/strictyaml", "internal/guard", "providers"}},
	"providers":              {},

	// A client of Logto's Management API, over HTTP only.
	"providers/logto/setup": {own: []string{"internal/command"}},

	// What both sides and their clients need.
	"internal/strictyaml": {external: []string{"go.yaml.in/yaml/v3"}},
	// A client of any provider, over HTTP only.
	"internal/providercheck": {external: []string{"github.com/go-jose/go-jose/v4"}},
	"internal/useragent":     {external: []string{"golang.org/x/net/html"}},
	"internal/toolcall": {
		own:      []string{"internal/useragent"},
		external: []string{"github.com/modelcontextprotocol/go-sdk", "golang.org/x/oauth2"},
	},
	"internal/walkthrough": {
		own:      []string{"internal/useragent"},
		external: []string{"github.com/modelcontextprotocol/go-sdk", "golang.org/x/oauth2", "golang.org/x/term"},
	},

	// What only tests import.
	"internal":                {testOnly: true},
	"internal/todo/storetest": {own: []string{"internal/todo"}, external: []string{testify}, testOnly: true},
	"internal/testnet":        {testOnly: true},
	"internal/testlogto":      {external: []string{testify}, testOnly: true},
	"internal/testpostgres":   {external: []string{testify, "github.com/jackc/pgx/v5"}, testOnly: true},
	"internal/hostile":        {external: []string{"github.com/go-jose/go-jose/v4"}, testOnly: true},
	"internal/deps":           {anything: true, testOnly: true},
	"e2e":                     {anything: true, testOnly: true},
	"e2e/fidelity":            {anything: true, testOnly: true},
	"e2e/binary":              {anything: true, testOnly: true},
	"e2e/conformance":         {anything: true, testOnly: true},
	"e2e/performance":         {anything: true, testOnly: true},
	"e2e/soak":                {anything: true, testOnly: true},
	"e2e/conformance/client":  {anything: true, testOnly: true},
	"e2e/durability":          {anything: true, testOnly: true},
	"e2e/strangers":           {anything: true, testOnly: true},
	"e2e/tutorial":            {anything: true, testOnly: true},

	"e2e/strangers/installation": {anything: true, testOnly: true},
}

const (
	fosite  = "github.com/ory/fosite"
	testify = "github.com/stretchr/testify"
)

// listed is what `go list -json` says of a package.
type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

func TestImportsFollowTheArchitecture(t *testing.T) {
	t.Parallel()
	lookAtModule(t)
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports", module+"...")
	out, err := cmd.Output()
	require.NoError(t, err)
	var packages []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
		packages = append(packages, p)
	}
	require.Greater(t, len(packages), 5, "go list found the module")
	for _, violation := range violations(packages) {
		t.Error(violation)
	}
}

// lookAtModule reads the module's folders, so that a cached pass ends when a file changes: go test sees what the test
// process opens, not what go list does.
func lookAtModule(t *testing.T) {
	t.Helper()
	require.NoError(t, filepath.WalkDir("..", func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == ".git" {
			return filepath.SkipDir
		}
		return err
	}))
}

// violations returns a line for each import that the architecture does not allow.
func violations(packages []listed) []string {
	var lines []string
	for _, p := range packages {
		name := strings.TrimPrefix(p.ImportPath, module)
		r, known := directions[name]
		if !known {
			lines = append(lines, name+": not in the table of internal/arch_test.go: add it to the table")
			continue
		}
		for _, path := range p.Imports {
			if reason := r.forbids(path); reason != "" {
				lines = append(lines, name+" imports "+path+": "+reason)
			}
		}
		tests := slices.Concat(p.TestImports, p.XTestImports)
		for _, path := range slices.Concat(p.Imports, tests) {
			switch {
			case within(path, module+"e2e") && !within(name, "e2e"):
				lines = append(lines, name+" imports "+path+": nobody imports e2e")
			case within(path, fosite) && name != "internal/idp/engine" && name != "internal/deps":
				lines = append(lines, name+" imports "+path+": only internal/idp/engine knows fosite")
			}
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// forbids says why a package under this rule may not import the path, or "" if it may.
func (r rule) forbids(path string) string {
	own, isOwn := strings.CutPrefix(path, module)
	first, _, _ := strings.Cut(path, "/")
	switch {
	case within(path, testify) || within(path, "testing"):
		if !r.testOnly {
			return "only tests may"
		}
	case r.anything:
	case isOwn:
		if !slices.Contains(r.own, own) {
			return "the architecture does not allow this direction"
		}
	case strings.Contains(first, "."):
		if !slices.ContainsFunc(r.external, func(allowed string) bool { return within(path, allowed) }) {
			return "this module is not in the package's row of the table"
		}
	}
	return ""
}

// within reports whether the import path is the root or lies below it.
func within(path, root string) bool {
	return path == root || strings.HasPrefix(path, root+"/")
}

func TestViolationsAreNamed(t *testing.T) {
	t.Parallel()
	require.Empty(t, violations([]listed{
		{ImportPath: module + "internal/guard", Imports: []string{"net/http", "golang.org/x/time/rate"}, TestImports: []string{"testing", testify + "/require", module + "internal/testnet"}},
		{ImportPath: module + "internal/idp/engine", Imports: []string{fosite + "/handler/oauth2"}},
		{ImportPath: module + "e2e", XTestImports: []string{module + "e2e/conformance", module + "mockidp"}},
	}))
	for want, p := range map[string]listed{
		"internal/new: not in the table of internal/arch_test.go: add it to the table":                                              {ImportPath: module + "internal/new"},
		"internal/guard imports mcpharness/internal/todo: the architecture does not allow this direction":                           {ImportPath: module + "internal/guard", Imports: []string{module + "internal/todo"}},
		"internal/todo imports golang.org/x/time/rate: this module is not in the package's row of the table":                        {ImportPath: module + "internal/todo", Imports: []string{"golang.org/x/time/rate"}},
		"internal/todo imports testing/iotest: only tests may":                                                                      {ImportPath: module + "internal/todo", Imports: []string{"testing/iotest"}},
		"mockidp imports github.com/stretchr/testify/require: only tests may":                                                       {ImportPath: module + "mockidp", Imports: []string{testify + "/require"}},
		"internal/todo imports mcpharness/e2e: nobody imports e2e":                                                                  {ImportPath: module + "internal/todo", XTestImports: []string{module + "e2e"}},
		"mockidp imports github.com/ory/fosite: only internal/idp/engine knows fosite":                                              {ImportPath: module + "mockidp", TestImports: []string{fosite}},
		"internal/todo imports mcpharness/internal/todo/storetest: the architecture does not allow this direction":                  {ImportPath: module + "internal/todo", Imports: []string{module + "internal/todo/storetest"}},
		"internal/guard imports github.com/go-jose/go-jose/v4x: this module is not in the package's row of the table":               {ImportPath: module + "internal/guard", Imports: []string{"github.com/go-jose/go-jose/v4x"}},
		"internal/idp imports mcpharness/internal/guard: the architecture does not allow this direction":                            {ImportPath: module + "internal/idp", Imports: []string{module + "internal/guard"}},
		"internal/useragent imports golang.org/x/net/http2: this module is not in the package's row of the table":                   {ImportPath: module + "internal/useragent", Imports: []string{"golang.org/x/net/http2"}},
		"cmd/mock-idp imports mcpharness/internal/idp: the architecture does not allow this direction":                              {ImportPath: module + "cmd/mock-idp", Imports: []string{module + "internal/idp"}},
		"internal/walkthrough imports mcpharness/mockidp: the architecture does not allow this direction":                           {ImportPath: module + "internal/walkthrough", Imports: []string{module + "mockidp"}},
		"internal/profile imports github.com/modelcontextprotocol/go-sdk/mcp: this module is not in the package's row of the table": {ImportPath: module + "internal/profile", Imports: []string{"github.com/modelcontextprotocol/go-sdk/mcp"}},
	} {
		require.Equal(t, []string{want}, violations([]listed{p}))
	}
}

// TestNobodyButPersonalityComparesAProvidersName keeps switches on a product out of the code: what differs is data.
func TestNobodyButPersonalityComparesAProvidersName(t *testing.T) {
	t.Parallel()
	var names []string
	for _, p := range personality.All()[1:] {
		names = append(names, strconv.Quote(p.Name))
	}
	require.NoError(t, filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".." || strings.HasSuffix(path, "internal/personality")):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			var compared []ast.Expr
			switch n := n.(type) {
			case *ast.BinaryExpr:
				if n.Op == token.EQL || n.Op == token.NEQ {
					compared = []ast.Expr{n.X, n.Y}
				}
			case *ast.CaseClause:
				compared = n.List
			case *ast.KeyValueExpr:
				compared = []ast.Expr{n.Key}
			case *ast.IndexExpr:
				compared = []ast.Expr{n.Index}
			}
			for _, expression := range compared {
				if literal, ok := expression.(*ast.BasicLit); ok && slices.Contains(names, literal.Value) {
					t.Errorf("%s compares %s: make it a field of personality.Personality, or of a profile", path, literal.Value)
				}
			}
			return true
		})
		return nil
	}))
}
