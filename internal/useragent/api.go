package useragent

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// The pages of a Logto are empty without their script, which calls the Experience API of the same host: RFC 0004 of
// github.com/logto-io/rfcs. This browser runs no script, so it makes those calls itself.
const (
	stepLogin   = "/sign-in"
	stepConsent = "/consent"

	interactionCookie = "_interaction" // says that a sign-in is under way
)

// pageCallsAPI tells which step a page is for whose script calls the API, by its path, the application in its query, and the cookie of
// a sign-in under way; "" is any other page.
func (b *Browser) pageCallsAPI(p *Page) string {
	if !p.URL.Query().Has("app_id") || p.URL.Path != stepLogin && p.URL.Path != stepConsent {
		return ""
	}
	for _, cookie := range b.jar.Cookies(p.URL) {
		if cookie.Name == interactionCookie {
			return p.URL.Path
		}
	}
	return ""
}

// callAPI does what a page's script would do for a person, and goes where the answer says.
func (s *signIn) callAPI(ctx context.Context, page *Page, step string) (*Page, error) {
	call := apiCalls{browser: s.browser, page: page}
	target := ""
	if step == stepConsent {
		target = call.text(ctx, "redirectTo", http.MethodPost, "/api/interaction/consent", map[string]any{})
	} else {
		switch {
		case s.person.Password == "":
			return nil, page.because(ErrNoPassword)
		case s.told:
			return nil, page.err("the server asks for the password a second time: it did not take it")
		}
		s.told = true
		kind := "username"
		if strings.Contains(s.person.Username, "@") {
			kind = "email"
		}
		call.do(ctx, http.MethodPut, "/api/experience", map[string]any{"interactionEvent": "SignIn"})
		proof := call.text(ctx, "verificationId", http.MethodPost, "/api/experience/verification/password", map[string]any{
			"identifier": map[string]string{"type": kind, "value": s.person.Username}, "password": s.person.Password,
		})
		call.do(ctx, http.MethodPost, "/api/experience/identification", map[string]any{"verificationId": proof})
		target = call.text(ctx, "redirectTo", http.MethodPost, "/api/experience/submit", nil)
	}
	if call.failed != nil {
		return nil, call.failed
	}
	u, err := page.URL.Parse(target)
	if err != nil {
		return nil, fmt.Errorf("want a redirectTo that is a URL, got one that does not parse")
	}
	n := navigation{browser: s.browser, method: http.MethodGet, url: u, client: page.client}
	return n.run(ctx)
}

// apiCalls are calls of a page's script. After one that failed, the others are not made.
type apiCalls struct {
	browser *Browser
	page    *Page
	failed  error
}

// text makes a call and reads a text member of its answer.
func (c *apiCalls) text(ctx context.Context, member, method, path string, body any) string {
	answer := c.do(ctx, method, path, body)
	value, ok := answer[member].(string)
	if c.failed == nil && !ok {
		c.failed = fmt.Errorf("%s %s: want %s in the answer", method, path, member)
	}
	return value
}

func (c *apiCalls) do(ctx context.Context, method, path string, body any) (answer map[string]any) {
	if c.failed != nil {
		return nil
	}
	encoded := []byte{}
	if body != nil {
		encoded, c.failed = json.Marshal(body)
	}
	status := 0
	if c.failed == nil {
		status, encoded, c.failed = c.browser.fetch(ctx, c.page, method, c.page.URL.ResolveReference(&url.URL{Path: path}), encoded)
	}
	if c.failed == nil {
		_ = json.Unmarshal(encoded, &answer) // an empty answer has no members
	}
	if c.failed == nil && status >= 400 {
		c.failed = fmt.Errorf("%s %s: status %d: %s", method, path, status, bounded(string(encoded)))
	}
	return answer
}

// fetch is what a script of a page sends to its own origin.
func (b *Browser) fetch(ctx context.Context, page *Page, method string, u *url.URL, body []byte) (status int, answer []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	for name, value := range map[string]string{
		"Accept": "application/json", "Content-Type": "application/json", "User-Agent": agentName, "Origin": serialized(page.URL),
		"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Logto-App-Id": page.URL.Query().Get("app_id"),
	} {
		request.Header.Set(name, value)
	}
	response, answer, err := b.exchange(request)
	if err != nil {
		return 0, nil, fmt.Errorf("%s %s: %w", method, plain(u), err)
	}
	return response.StatusCode, answer, nil
}
