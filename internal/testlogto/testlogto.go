// Package testlogto plays back answers of Logto's Management API to tests. The recordings say themselves how sure they are.
package testlogto

import (
	"embed"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the recordings were made with. ID and Secret are a machine-to-machine application's.
const (
	ID       = "m2m00000000000000000"
	Secret   = "recorded-secret"
	Token    = "recorded-management-token"
	Resource = "http://localhost:3011/mcp"

	NativeApplication = "app000000000000000010" // made by the recording "empty"
)

// Passwords are those that the recordings send for alice, bob and carol.
var Passwords = []string{"alice-password", "bob-password", "carol-password"}

//go:embed recorded/*.json
var recorded embed.FS

type exchange struct {
	Request string // method, path and query
	Body    any    // JSON, or a form as a string
	Status  int
	Total   *int // of a list
	Answer  json.RawMessage
}

// Recording answers requests in the order in which they were recorded. It fails the test at any other request, and at its end if some
// did not come. Safe for concurrent use.
type Recording struct {
	t    testing.TB
	mu   sync.Mutex
	left []exchange
}

// Play reads recordings by name, to be played one after the other. The replacer, which may be nil, puts the test's own URLs in the place of
// the recorded ones.
func Play(t testing.TB, replacer *strings.Replacer, names ...string) *Recording {
	t.Helper()
	r := &Recording{t: t}
	for _, name := range names {
		data, err := recorded.ReadFile("recorded/" + name + ".json")
		require.NoError(t, err)
		if replacer != nil {
			data = []byte(replacer.Replace(string(data)))
		}
		var file struct{ Exchanges []exchange }
		require.NoError(t, json.Unmarshal(data, &file), name)
		require.NotEmpty(t, file.Exchanges, name)
		r.left = append(r.left, file.Exchanges...)
	}
	t.Cleanup(func() {
		if len(r.left) > 0 && !t.Failed() {
			t.Errorf("%d recorded requests did not come, the first: %s", len(r.left), r.left[0].Request)
		}
	})
	return r
}

func (r *Recording) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	got := request.Method + " " + request.URL.RequestURI()
	data, err := io.ReadAll(io.LimitReader(request.Body, 1<<20))
	switch {
	case err != nil:
		r.refuse(w, got+": "+err.Error())
		return
	case len(r.left) == 0:
		r.refuse(w, "want no more requests, got "+got)
		return
	case r.left[0].Request != got:
		r.refuse(w, "want "+r.left[0].Request+", got "+got)
		return
	case !authorized(request):
		r.refuse(w, got+": want the application's credentials or its token")
		return
	}
	next := r.left[0]
	if body := read(request, data); !reflect.DeepEqual(next.Body, body) {
		wanted, _ := json.Marshal(next.Body)
		r.refuse(w, got+": want body "+string(wanted)+", got "+string(data))
		return
	}
	r.left = r.left[1:]
	w.Header().Set("Content-Type", "application/json")
	if next.Total != nil {
		w.Header().Set("Total-Number", strconv.Itoa(*next.Total))
	}
	w.WriteHeader(next.Status)
	_, _ = w.Write(next.Answer)
}

// refuse tells a mistake to the test and to the program that is tested.
func (r *Recording) refuse(w http.ResponseWriter, mistake string) {
	r.t.Error("recorded Logto: " + mistake)
	http.Error(w, "this request is not in the recording", http.StatusTeapot)
}

func authorized(request *http.Request) bool {
	if id, secret, ok := request.BasicAuth(); ok {
		return id == ID && secret == Secret && strings.HasSuffix(request.URL.Path, "/oidc/token")
	}
	return request.Header.Get("Authorization") == "Bearer "+Token
}

// read is the body as recordings hold it.
func read(request *http.Request, data []byte) any {
	if len(data) == 0 {
		return nil
	}
	if !strings.HasPrefix(request.Header.Get("Content-Type"), "application/json") {
		return string(data)
	}
	var body any
	if err := json.Unmarshal(data, &body); err != nil {
		return err.Error()
	}
	return body
}
