package todomcp

import (
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/todo"
)

func TestReadArguments(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ raw, want string }{
		"none":                  {"", ""},
		"empty":                 {"{}", ""},
		"white space":           {" \n{ }", ""},
		"twice":                 {`{"a":"1","a":"2"}`, "a: want it once, got it several times"},
		"twice, one escaped":    {`{"a":"1","\u0061":"2"}`, "a: want it once, got it several times"},
		"null":                  {`null`, "arguments: want an object, got null"},
		"number":                {`-1`, "arguments: want an object, got a number"},
		"cut off":               {`{"a":`, "arguments: want valid JSON in UTF-8, got something else"},
		"cut off after a value": {`{"a":1`, "arguments: want valid JSON in UTF-8, got something else"},
		"more than one value":   {`{} {}`, "arguments: want valid JSON in UTF-8, got something else"},
		"not UTF-8":             {"{\"a\":\"\xff\"}", "arguments: want valid JSON in UTF-8, got something else"},
		"long unknown name":     {`{"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb":1}`, `arguments: got an unknown "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", want only: a`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readArguments(json.RawMessage(test.raw), "a")
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, test.want)
		})
	}
}

func TestLoneSurrogates(t *testing.T) {
	t.Parallel()
	for raw, lone := range map[string]bool{
		`"\ud83d\ude42"`:       false,
		`"\uD83D\uDE42 🙂"`:     false,
		`"\ufffd \ud7ff"`:      false,
		`"\\ud83d"`:            false, // an escaped backslash, then letters
		`"\\\ud83d"`:           true,
		`"\ud83d"`:             true,
		`"\ude42"`:             true,
		`"\ud83d\ud83d\ude42"`: true,
		`"\ude42\ud83d"`:       true,
		`"\ud83dx\ude42"`:      true,
		`"\ud83d\\ude42"`:      true,
	} {
		require.Equal(t, lone, hasLoneSurrogate([]byte(raw)), raw)
	}
}

// Whatever arguments say, reading them ends in a value that they spell, or in an error.
func FuzzArguments(f *testing.F) {
	for _, seed := range []string{`{"a":"x","n":5}`, `{"a":"\ud83d\ude42"}`, `{"a":"\ud83d"}`, `{"n":1e400}`, `{"a":1,"a":2}`, `[`, `{"n":-0.0}`, `{}0`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		args, err := readArguments(raw, "a", "n")
		if err != nil {
			return
		}
		var plain map[string]json.RawMessage
		if len(raw) > 0 && json.Unmarshal(raw, &plain) != nil {
			t.Fatalf("accepted invalid JSON %q", raw)
		}
		if len(plain) != len(args) {
			t.Fatalf("want %d arguments, got %d", len(plain), len(args))
		}
		var input *todo.InputError
		text, given, err := args.text("a")
		if err != nil && !errors.As(err, &input) {
			t.Fatalf("want an InputError, got %v", err)
		}
		if err == nil && given {
			var want string
			if json.Unmarshal(plain["a"], &want) != nil || want != text || !utf8.ValidString(text) {
				t.Fatalf("want %q, got %q", plain["a"], text)
			}
		}
		number, given, err := args.integer("n")
		if err != nil && !errors.As(err, &input) {
			t.Fatalf("want an InputError, got %v", err)
		}
		if err == nil && given {
			var want float64
			if json.Unmarshal(plain["n"], &want) != nil || want != float64(number) {
				t.Fatalf("want %s, got %d", plain["n"], number)
			}
		}
	})
}
