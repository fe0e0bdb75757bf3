package profile_test

import (
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/guard"
	"mcpharness/internal/profile"
	"mcpharness/providers"
)

const schemaFile = "../../providers/schema.json"

var update = flag.Bool("update", false, "write providers/schema.json anew")

// The schema serves editors; what counts is the loader. It is made from the struct, so it cannot know other keys.
func TestTheSchemaIsTheStruct(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t, reflect.TypeFor[profile.Profile]())
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "How a provider is reached and which dialect its tokens speak"
	schema["required"] = []string{"issuer", "target"}
	made, err := json.MarshalIndent(schema, "", "  ")
	require.NoError(t, err)
	made = append(made, '\n')
	if *update {
		require.NoError(t, os.WriteFile(schemaFile, made, 0o644))
	}
	kept, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	require.Equal(t, string(made), string(kept), "make it anew: go test ./internal/profile -run Schema -update")
}

func TestEveryProfileNamesTheSchema(t *testing.T) {
	t.Parallel()
	for _, name := range providers.Names() {
		data, err := providers.Read(name)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(data), "# yaml-language-server: $schema=schema.json\n"), name)
	}
}

// choices are the types with a fixed set of values.
var choices = map[reflect.Type][]string{
	reflect.TypeFor[profile.Target]():     {"resource", "audience", "scope"},
	reflect.TypeFor[guard.Verification](): {"jwks", "introspection", "userinfo", "jwks-or-introspection"},
	reflect.TypeFor[guard.ClientAuth]():   {"basic", "post"},
	reflect.TypeFor[guard.AudienceMode](): {"contains", "exact", "client_id", "absent", "unbound"},
	reflect.TypeFor[guard.RolesEffect]():  {"grant", "limit"},
}

func schemaOf(t *testing.T, typ reflect.Type) object {
	t.Helper()
	switch {
	case choices[typ] != nil:
		return object{"type": "string", "enum": choices[typ]}
	case typ == reflect.TypeFor[time.Duration]():
		return object{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+$`}
	}
	switch typ.Kind() {
	case reflect.Pointer:
		return schemaOf(t, typ.Elem())
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Slice:
		return object{"type": "array", "items": schemaOf(t, typ.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": schemaOf(t, typ.Elem())}
	}
	require.Equal(t, reflect.Struct, typ.Kind(), typ)
	comments := fieldComments(t)[typ.Name()]
	properties := object{}
	for field := range fieldsOf(typ) {
		property := schemaOf(t, field.Type)
		if comment := comments[field.Name]; comment != "" {
			property["description"] = comment
		}
		properties[field.Tag.Get("yaml")] = property
	}
	return object{"type": "object", "additionalProperties": false, "properties": properties}
}

func fieldsOf(typ reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range typ.NumField() {
			if field := typ.Field(i); field.IsExported() && !yield(field) {
				return
			}
		}
	}
}

// fieldComments are the comments beside the fields of each struct.
func fieldComments(t *testing.T) map[string]map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "profile.go", nil, parser.ParseComments)
	require.NoError(t, err)
	comments := map[string]map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if structure, ok := spec.Type.(*ast.StructType); ok {
			comments[spec.Name.Name] = map[string]string{}
			for _, field := range structure.Fields.List {
				for _, name := range field.Names {
					text := field.Comment.Text() + field.Doc.Text()
					comments[spec.Name.Name][name.Name] = strings.TrimSpace(strings.ReplaceAll(text, "\n", " "))
				}
			}
		}
		return true
	})
	return comments
}
