package idp

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// Whatever a browser has for a cookie, the next page is about the sign-in that begins, and the cookie can be read again.
func FuzzInteractions(f *testing.F) {
	for _, seed := range []string{`{"a":"b"}`, `null`, `[]`, `{"a":1}`, `{"_legacy":"x"}`, `{"a":null}`, `{`, ``, `"a"`, `{"a":"b","a":"c"}`} {
		f.Add(url.QueryEscape(seed), "c")
	}
	f.Add("%", "https://app.example/client.json")
	f.Add(`"quoted"`, newestInteraction)
	s := Server{Options: Options{Issuer: "http://idp", Personality: personality.Logto()}}
	f.Fuzz(func(t *testing.T, cookie, client string) {
		client = strings.ToValidUTF8(client, "")
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Cookie", interactionCookie+"="+cookie)
		w := httptest.NewRecorder()
		s.toInteraction(w, r, s.Personality.Paths.Login, store.Transaction{ID: "t", ClientID: client})

		require.Equal(t, http.StatusSeeOther, w.Code)
		next := httptest.NewRequest(http.MethodGet, "/", nil)
		for _, set := range w.Result().Cookies() {
			next.AddCookie(set)
		}
		require.Equal(t, "t", interactionOf(next, client))
		require.Equal(t, "t", interactionOf(next, ""))
		page, err := url.Parse(w.Header().Get("Location"))
		require.NoError(t, err)
		require.Empty(t, page.Host)
		require.Equal(t, s.Personality.Paths.Login, page.Path)
		require.Equal(t, client, page.Query().Get("app_id"))
	})
}

// What a script sends is refused with the place that is wrong, or read as it says.
func FuzzCredentials(f *testing.F) {
	for _, seed := range []string{
		`{"identifier":{"type":"username","value":"alice"},"password":"x"}`, `{"identifier":{"type":"email","value":""},"password":""}`, `{"identifier":null}`, `{"identifier":[]}`,
		`{"identifier":{"type":1}}`, `{"identifier":{"type":"name","value":"a"}}`, `{"identifier":{"type":"phone","value":true}}`, `{}`, `[]`, `null`, ``, `{"password":{}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(raw)))
		r.Header.Set("Content-Type", "application/json")
		body, issue := readStep(httptest.NewRecorder(), r)
		require.Nil(t, issue)
		kind, name, password, issue := body.credentials()
		if issue != nil {
			require.NotEmpty(t, issue.Message)
			require.NotEmpty(t, issue.Path)
			return
		}
		var said, identifier map[string]any
		require.NoError(t, json.Unmarshal(raw, &said))
		require.NoError(t, json.Unmarshal(body["identifier"], &identifier))
		require.Equal(t, []any{kind, name, password}, []any{identifier["type"], identifier["value"], said["password"]})
		require.Contains(t, []string{"username", "email", "phone", "userId"}, kind)
		require.NotEmpty(t, password)
	})
}

// A JSON object is a form with the members that are texts, none of which is empty.
func FuzzReadObject(f *testing.F) {
	for _, seed := range []string{`{"a":"b"}`, `{"a":["b","c",1,""]}`, `{"a":""}`, `{"a":{"b":"c"}}`, `null`, `[]`, `1`, ``, `{"":"x"}`, `{"a":null,"b":[["c"]]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		form, refusal := readObject(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(raw))))
		if refusal != nil {
			requireAllowed(t, refusal.Description)
			return
		}
		var members map[string]any
		require.NoError(t, json.Unmarshal(raw, &members))
		for name, values := range form {
			require.NotContains(t, values, "")
			if text, ok := members[name].(string); ok {
				require.Equal(t, []string{text}, values)
			} else {
				require.Subset(t, members[name], values)
			}
		}
	})
}
