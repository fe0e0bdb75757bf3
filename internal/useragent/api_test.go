package useragent_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/useragent"
)

// apiDouble is a Logto reduced to what its page's script calls. Its pages are empty.
func apiDouble(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	server := serve(t, mux)
	begun, known, submitted := false, "", ""
	say := func(w http.ResponseWriter, status int, answer any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(answer)
	}
	api := func(pattern string, step func(w http.ResponseWriter, body map[string]any)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			_, err := r.Cookie("_interaction")
			if err != nil || r.Header.Get("Origin") != "http://"+r.Host || r.Header.Get("Logto-App-Id") != "an-app" || r.Header.Get("Content-Type") != "application/json" {
				say(w, 400, map[string]string{"code": "session.not_found"})
				return
			}
			var body map[string]any
			_ = json.NewDecoder(r.Body).Decode(&body)
			step(w, body)
		})
	}
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "_interaction", Value: "x", Path: "/"})
		http.SetCookie(w, &http.Cookie{Name: "redirect", Value: url.QueryEscape(r.FormValue("redirect_uri")), Path: "/"})
		http.Redirect(w, r, "/sign-in?app_id=an-app", http.StatusSeeOther)
	})
	for _, path := range []string{"GET /sign-in", "GET /consent"} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { page(w, 200, `<div id=app></div>`) })
	}
	api("PUT /api/experience", func(w http.ResponseWriter, body map[string]any) {
		begun = body["interactionEvent"] == "SignIn"
		w.WriteHeader(http.StatusNoContent)
	})
	api("POST /api/experience/verification/password", func(w http.ResponseWriter, body map[string]any) {
		who := body["identifier"].(map[string]any)
		if !begun || body["password"] != "right" || who["type"] != "username" && who["value"] != "bob@example.com" {
			say(w, 422, map[string]string{"code": "session.invalid_credentials", "message": "Incorrect"})
			return
		}
		known = who["value"].(string)
		say(w, 200, map[string]string{"verificationId": "proof"})
	})
	api("POST /api/experience/identification", func(w http.ResponseWriter, body map[string]any) {
		if body["verificationId"] == "proof" {
			submitted = known
		}
		w.WriteHeader(http.StatusNoContent)
	})
	api("POST /api/experience/submit", func(w http.ResponseWriter, _ map[string]any) {
		say(w, 200, map[string]string{"redirectTo": "http://" + server.Listener.Addr().String() + "/consent?app_id=an-app"})
	})
	api("POST /api/interaction/consent", func(w http.ResponseWriter, _ map[string]any) {
		say(w, 200, map[string]string{"redirectTo": "http://" + server.Listener.Addr().String() + "/resume"})
	})
	mux.HandleFunc("GET /resume", func(w http.ResponseWriter, r *http.Request) {
		cookie, _ := r.Cookie("redirect")
		redirect, _ := url.QueryUnescape(cookie.Value)
		w.Header().Set("Location", redirect+"?code="+submitted)
		w.WriteHeader(http.StatusSeeOther)
	})
	return server
}

func TestAPageThatIsNothingWithoutItsScriptIsAnsweredByTheAPIThatTheScriptCalls(t *testing.T) {
	t.Parallel()
	server := apiDouble(t)
	location := authorize(server, "http://127.0.0.1:1/cb")
	for _, name := range []string{"bob", "bob@example.com"} {
		callback, err := useragent.New(nil).SignIn(t.Context(), location, useragent.Person{Username: name, Password: "right"})
		require.NoError(t, err)
		require.Equal(t, name, callback.Query().Get("code"))
	}
	for _, c := range []struct {
		person useragent.Person
		want   string
	}{
		{useragent.Person{Username: "bob", Password: "wrong"}, "session.invalid_credentials"},
		{useragent.Person{Username: "bob"}, "this person has none"},
		{useragent.Person{Username: "bob", Password: "right", Deny: true}, "no form that a person would know"},
	} {
		_, err := useragent.New(nil).SignIn(t.Context(), location, c.person)
		require.ErrorContains(t, err, c.want)
		require.NotContains(t, err.Error(), "wrong\"")
	}
}
