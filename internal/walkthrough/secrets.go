package walkthrough

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// shown is how many bytes of a secret are shown, so that a reader can follow it from step to step.
const shown = 6

// secretNames are the form fields, query parameters and JSON members whose values open something, and the state, which
// is long and only has to be recognized.
var secretNames = []string{
	"access_token", "client_secret", "code", "code_verifier", "id_token", "refresh_token", "registration_access_token",
	"state", "transaction",
}

// secrets are values that went over the wire and must not be shown whole. Safe for concurrent use.
type secrets struct {
	mu     sync.Mutex
	values map[string]bool
}

func (s *secrets) learn(value string) {
	if len(value) <= shown {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.values == nil {
		s.values = map[string]bool{}
	}
	s.values[value] = true
	s.values[url.QueryEscape(value)] = true
}

func (s *secrets) learnRequest(e exchange) {
	_, token, _ := strings.Cut(e.header.Get("Authorization"), " ")
	s.learn(token)
	for _, cookie := range (&http.Request{Header: e.header}).Cookies() {
		s.learn(cookie.Value)
	}
	s.learnValues(e.url.Query())
	if strings.HasPrefix(e.header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		s.learnValues(e.form())
	}
}

func (s *secrets) learnAnswer(e exchange) {
	for _, cookie := range (&http.Response{Header: e.answer}).Cookies() {
		s.learn(cookie.Value)
	}
	if location, err := url.Parse(e.answer.Get("Location")); err == nil {
		s.learnValues(location.Query())
	}
	var document map[string]any
	if json.Unmarshal(e.received, &document) != nil {
		return
	}
	for _, name := range secretNames {
		if value, ok := document[name].(string); ok {
			s.learn(value)
		}
	}
}

func (s *secrets) learnValues(values url.Values) {
	for _, name := range secretNames {
		for _, value := range values[name] {
			s.learn(value)
		}
	}
}

// hide cuts every secret in the text.
func (s *secrets) hide(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	longest := make([]string, 0, len(s.values))
	for value := range s.values {
		longest = append(longest, value)
	}
	// A secret may contain another one: the longest first.
	slices.SortFunc(longest, func(a, b string) int { return len(b) - len(a) })
	for _, value := range longest {
		text = strings.ReplaceAll(text, value, value[:shown]+"…")
	}
	return text
}
