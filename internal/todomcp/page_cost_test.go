package todomcp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/todo"
)

// BenchmarkGetTodos asks in process for a page of 50 from the middle of all todos, through the guard and the SDK. Its
// cost must not grow with the number of todos.
func BenchmarkGetTodos(b *testing.B) {
	for _, n := range []int{100, 1_000, 100_000} {
		b.Run(fmt.Sprintf("todos=%d", n), func(b *testing.B) {
			r := newRig(b)
			bob := todo.Principal{Issuer: r.issuer.url, Subject: "bob", Scopes: []string{todo.ScopeCreate}}
			for range n {
				_, err := r.todos.Create(b.Context(), bob, "content")
				require.NoError(b, err)
			}
			req := todo.PageRequest{Limit: 50}
			for range n / 2 / 50 {
				page, err := r.todos.List(b.Context(), bob, req)
				require.NoError(b, err)
				req.Cursor = page.Next
			}
			body, token := callBody(1, "get-todos", fmt.Sprintf(`{"limit":50,"cursor":%q}`, req.Cursor)), r.token(b, "bob")
			b.ReportAllocs()
			for b.Loop() {
				hr := httptest.NewRequestWithContext(b.Context(), http.MethodPost, r.endpoint, strings.NewReader(body))
				hr.Header.Set("Content-Type", "application/json")
				hr.Header.Set("Accept", "application/json, text/event-stream")
				hr.Header.Set("MCP-Protocol-Version", "2025-11-25")
				hr.Header.Set("Authorization", "Bearer "+token)
				w := httptest.NewRecorder()
				r.handler.ServeHTTP(w, hr)
				require.Equal(b, http.StatusOK, w.Code)
				require.Contains(b, w.Body.String(), `"ownerId":"bob"`)
			}
		})
	}
}
