package strictyaml_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/strictyaml"
)

type config struct {
	Issuer    string            `yaml:"issuer"`
	Resources []string          `yaml:"resources"`
	Lifetimes *lifetimes        `yaml:"lifetimes"`
	Users     []user            `yaml:"users"`
	Scopes    map[string]string `yaml:"scopes"`
	Roles     map[string]role   `yaml:"roles"`
	Strict    bool
	Limit     int8
	Ignored   string `yaml:"-"`
	private   string
}

type lifetimes struct {
	Access  time.Duration `yaml:"access_token"`
	Refresh time.Duration `yaml:"refresh_token"`
}

type user struct{ Name, Role string }

func (u *user) Check(report func(string, string, ...any)) {
	if u.Role == "" {
		report("role", "a user needs a role")
	}
}

type role struct{ Allows []string }

func (r *role) Check(report func(string, string, ...any)) {
	for i, scope := range r.Allows {
		if scope == "bad" {
			report(fmt.Sprintf("allows[%d]", i), "no such scope")
		}
	}
}

func (c *config) Check(report func(string, string, ...any)) {
	if c.Issuer == "" {
		report("issuer", "an issuer is needed")
	}
	for i, u := range c.Users {
		if u.Name == "mallory" {
			report(fmt.Sprintf("users[%d].name", i), "is not welcome")
		}
	}
}

func TestAFittingDocumentFillsTheStructAndKeepsDefaults(t *testing.T) {
	t.Parallel()
	got := config{Limit: 7, Ignored: "kept", private: "kept", Resources: []string{"replaced"}}
	err := strictyaml.Decode("idp.yaml", []byte(`
# A comment.
issuer: http://localhost:4444
resources: [a, "b"]
lifetimes: {access_token: 10m}
users:
  - {name: alice, role: admin}
scopes: {create:todos: api/create}
roles:
  admin: {allows: [read]}
strict: true
...
`), &got)
	require.NoError(t, err)
	require.Equal(t, config{
		Issuer:    "http://localhost:4444",
		Resources: []string{"a", "b"},
		Lifetimes: &lifetimes{Access: 10 * time.Minute},
		Users:     []user{{"alice", "admin"}},
		Scopes:    map[string]string{"create:todos": "api/create"},
		Roles:     map[string]role{"admin": {Allows: []string{"read"}}},
		Strict:    true,
		Limit:     7,
		Ignored:   "kept",
		private:   "kept",
	}, got)
}

func TestEveryFaultIsToldAtOnceWithItsLine(t *testing.T) {
	t.Parallel()
	err := strictyaml.Decode("idp.yaml", []byte(`issuer: 5
resurces: []
lifetimes:
  access_token: 600
  access_token: soon
users:
- name: mallory
  role: user
- name: bob
  nmae: bob
limit: 200
---
more: 1
`), &config{})
	require.EqualError(t, err, `idp.yaml:1: issuer: want a string, got a number; put it in quotes
idp.yaml:2: resurces: unknown key "resurces"; did you mean "resources"?
idp.yaml:4: lifetimes.access_token: a duration needs a unit: for seconds write "600s"
idp.yaml:5: lifetimes.access_token: key "access_token" is here twice, first on line 4; keep one
idp.yaml:5: lifetimes.access_token: want a duration such as "90s", "10m" or "1h30m", got "soon"
idp.yaml:7: users[0].name: is not welcome
idp.yaml:9: users[1].role: a user needs a role
idp.yaml:10: users[1].nmae: unknown key "nmae"; did you mean "name"?
idp.yaml:11: limit: want a whole number in plain decimal digits, between -128 and 127
idp.yaml:12: a second document starts here; keep one, without "---" after it
10 faults`)
}

func TestFaults(t *testing.T) {
	t.Parallel()
	const issuer = "issuer: x\n"
	for name, c := range map[string]struct{ yaml, want string }{
		"empty file":                  {"", ":1: the file is empty"},
		"only comments":               {"# nothing\n", ":1: the file is empty"},
		"null document":               {"---\n", ":2: want a mapping, got nothing; write a value or leave the key out"},
		"list document":               {"\n- a\n", ":2: want a mapping, got a list"},
		"scalar document":             {"hello", ":1: want a mapping, got a string"},
		"second document":             {issuer + "---\nissuer: y\n", `:2: a second document starts here; keep one, without "---" after it`},
		"empty second document":       {issuer + "---\n", `:2: a second document starts here; keep one, without "---" after it`},
		"broken second document":      {issuer + "---\n\"", ":3: not YAML: found unexpected end of stream"},
		"bad UTF-8":                   {issuer + "scopes: {a: \"\xff\"}\n", ":2: not UTF-8: byte 0xff; save the file as UTF-8"},
		"UTF-16":                      {"\xff\xfei\x00", ":1: not UTF-8: byte 0xff; save the file as UTF-8"},
		"control character":           {"issuer: \x00", ":1: not YAML: control characters are not allowed"},
		"too large":                   {"#" + strings.Repeat(" ", strictyaml.MaxSize), ": larger than 1024 KiB; is it the right file?"},
		"scanner error, line 1":       {"issuer: a: b\n", ":1: not YAML: mapping values are not allowed in this context"},
		"scanner error, line 2":       {issuer + "scopes: a: b\n", ":2: not YAML: mapping values are not allowed in this context"},
		"tab":                         {issuer + "scopes:\n\ta: b\n", ":3: not YAML: found character that cannot start any token"},
		"parser error, line 2":        {issuer + "resources: [a, b\nstrict: true\n", ":2: not YAML: did not find expected ',' or ']' (in what begins here)"},
		"trailing garbage":            {"issuer: \"x\" y\n", ":1: not YAML: did not find expected key (in what begins here)"},
		"alias":                       {issuer + "scopes: {a: &x b, c: *x}\n", ":2: scopes.a: the anchor &x is not allowed; write the value out wherever it is used"},
		"unknown anchor":              {"issuer: *x\n", ":1: not YAML: unknown anchor 'x' referenced"},
		"merge key":                   {issuer + "scopes:\n  <<: {a: b}\n", ":3: scopes: the merge key << is not allowed; write the keys out"},
		"tag":                         {"issuer: !!str 5\n", `:1: issuer: the tag "!!str" is not allowed; leave it out`},
		"own tag":                     {"issuer: !secret x\n", `:1: issuer: the tag "!secret" is not allowed; leave it out`},
		"unknown key, nothing near":   {issuer + "lifetimes: {x: 1s}\n", `:2: lifetimes.x: unknown key "x"; known keys: access_token, refresh_token`},
		"unknown key in another case": {"Issuer: x\n", `:1: Issuer: unknown key "Issuer"; did you mean "issuer"?`},
		"ignored field":               {issuer + "ignored: x\n", `:2: ignored: unknown key "ignored"; known keys: issuer, resources, lifetimes, users, scopes, roles, strict, limit`},
		"unexported field":            {issuer + "private: x\n", `:2: private: unknown key "private"; known keys: issuer, resources, lifetimes, users, scopes, roles, strict, limit`},
		"duplicate key":               {issuer + issuer, `:2: issuer: key "issuer" is here twice, first on line 1; keep one`},
		"duplicate key of a map":      {issuer + "scopes:\n  a: b\n  a: c\n", `:4: scopes.a: key "a" is here twice, first on line 3; keep one`},
		"number as key":               {issuer + "scopes: {1: b}\n", ":2: scopes: a key must be a string, got a number; put it in quotes"},
		"list as key":                 {issuer + "scopes: {[a]: b}\n", ":2: scopes: a key must be a string, got a list; put it in quotes"},
		"long key":                    {issuer + strings.Repeat("k", 300) + ": 1\n", `:2: key "` + strings.Repeat("k", 40) + `…" is longer than 256 bytes`},
		"line break in a key":         {issuer + "\"a\\nb\": 1\n", `:2: a?b: unknown key "a\nb"; known keys: issuer, resources, lifetimes, users, scopes, roles, strict, limit`},
		"null string":                 {"issuer:\n", ":1: issuer: want a string, got nothing; write a value or leave the key out"},
		"null list":                   {issuer + "resources: ~\n", ":2: resources: want a list, got nothing; write a value or leave the key out"},
		"null struct":                 {issuer + "lifetimes:\n", ":2: lifetimes: want a mapping, got nothing; write a value or leave the key out"},
		"null element":                {issuer + "resources:\n- a\n-\n", ":4: resources[1]: want a string, got nothing; write a value or leave the key out"},
		"string as list":              {issuer + "resources: a\n", ":2: resources: want a list, got a string; put it in [ ]"},
		"list as string":              {"issuer: [x]\n", ":1: issuer: want a string, got a list"},
		"bool as string":              {"issuer: true\n", ":1: issuer: want a string, got true or false; put it in quotes"},
		"date as string":              {"issuer: 2026-11-23\n", ":1: issuer: want a string, got a date; put it in quotes"},
		"yes as bool":                 {issuer + "strict: yes\n", ":2: strict: want true or false, got a string"},
		"octal number":                {issuer + "limit: 010\n", ":2: limit: want a whole number in plain decimal digits, between -128 and 127"},
		"fraction":                    {issuer + "limit: 1.5\n", ":2: limit: want a whole number, got a number"},
		"zero as duration":            {issuer + "lifetimes: {access_token: 0}\n", `:2: lifetimes.access_token: a duration needs a unit: for seconds write "0s"`},
		"list as duration":            {issuer + "lifetimes: {access_token: []}\n", `:2: lifetimes.access_token: want a duration such as "90s", "10m" or "1h30m", got a list`},
		"checked element of a map":    {issuer + "roles:\n  admin:\n    allows:\n    - good\n    - bad\n", ":6: roles.admin.allows[1]: no such scope"},
		"missing key":                 {"\n\nstrict: true\n", ":3: issuer: an issuer is needed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var faults strictyaml.Faults
			require.ErrorAs(t, strictyaml.Decode("f", []byte(c.yaml), &config{}), &faults)
			require.Equal(t, "f"+c.want, faults[0].String())
		})
	}
}

func TestACheckIsNotRepeatedWhereTheKeyIsMistypedUnlessItIsThereToo(t *testing.T) {
	t.Parallel()
	require.EqualError(t, strictyaml.Decode("f", []byte("isuer: x\n"), &config{}),
		"f:1: isuer: unknown key \"isuer\"; did you mean \"issuer\"?\n1 fault")
	require.EqualError(t, strictyaml.Decode("f", []byte("isuer: x\nissuer: \"\"\n"), &config{}),
		"f:1: isuer: unknown key \"isuer\"; did you mean \"issuer\"?\nf:2: issuer: an issuer is needed\n2 faults")
}

func TestValuesAreNotQuotedWhereTheyMayBeSecret(t *testing.T) {
	t.Parallel()
	err := strictyaml.Decode("f", []byte("issuer: [hunter2]\nresources: hunter2\nstrict: hunter2\nlimit: hunter2\n"), &config{})
	require.ErrorContains(t, err, "4 faults")
	require.NotContains(t, err.Error(), "hunter2")
}

func TestManyFaultsAreCountedButNotAllShown(t *testing.T) {
	t.Parallel()
	err := strictyaml.Decode("f", []byte("issuer: x\nresources:\n"+strings.Repeat("- 1\n", 5000)), &config{})
	require.ErrorContains(t, err, "5000 faults, the first 100 shown")
	require.Equal(t, 100, strings.Count(err.Error(), "\n"))
}

func TestExpansionAppliesToStringValuesAndItsErrorHasALine(t *testing.T) {
	t.Parallel()
	expand := func(s string) (string, error) {
		if s == "$unset" {
			return "", errors.New("not set")
		}
		return strings.ReplaceAll(s, "$x", "y"), nil
	}
	var got config
	require.NoError(t, strictyaml.DecodeExpanded("f", []byte("issuer: a$x\nscopes: {$x: $x}\nresources: [$x]\n"), &got, expand))
	require.Equal(t, config{Issuer: "ay", Scopes: map[string]string{"$x": "y"}, Resources: []string{"y"}}, got)

	err := strictyaml.DecodeExpanded("f", []byte("strict: true\nissuer: $unset\n"), &got, expand)
	require.EqualError(t, err, "f:2: issuer: not set\n1 fault")
}

func TestReadFileStopsBehindTheLargestFileAccepted(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "big.yaml")
	require.NoError(t, os.WriteFile(path, make([]byte, 2*strictyaml.MaxSize), 0o600))
	data, err := strictyaml.ReadFile(path)
	require.NoError(t, err)
	require.Len(t, data, strictyaml.MaxSize+1)

	_, err = strictyaml.ReadFile(filepath.Join(t.TempDir(), "none.yaml"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestTypesThatCannotBeReadAreTheCallersMistake(t *testing.T) {
	t.Parallel()
	require.Panics(t, func() { strictyaml.Decode("f", []byte("a: 1"), &struct{ A any }{}) })
	require.Panics(t, func() { strictyaml.Decode("f", []byte("a: 1"), config{}) })
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"issuer: x\nusers: [{name: a, role: b}]\n", "a: &a [*a]", "<<: {}", "? [a]\n: b", "---\n---\n", "%YAML 1.2\n---\na: 1",
		"\"a\\nb\": 1\nscopes: {a: !%0A b}", "lifetimes: {access_token: 1e3}", "\xef\xbb\xbfissuer: x", "- \"", "a: b: c", "*", "! a", "|", "{",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		err := strictyaml.Decode("f", data, &config{})
		if err == nil {
			return
		}
		var faults strictyaml.Faults
		require.ErrorAs(t, err, &faults)
		require.NotEmpty(t, faults)
		require.Equal(t, min(len(faults), 100), strings.Count(err.Error(), "\n"), "one fault a line")
		for i, fault := range faults {
			require.LessOrEqual(t, fault.Line, strings.Count(string(data), "\n")+strings.Count(string(data), "\r")+2)
			require.True(t, i == 0 || faults[i-1].Line <= fault.Line, "sorted by line")
		}
	})
}
