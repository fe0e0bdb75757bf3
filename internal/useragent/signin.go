package useragent

import (
	"context"
	"fmt"
	"net/url"
	"strings"
)

// Person is who sits before the browser.
type Person struct {
	Username string
	Deny     bool // presses deny on the consent page
}

// SignIn opens an authorization URL, fills the forms it is shown, and stops at the redirect to the redirect_uri of the URL's query, which
// it returns and does not follow: with a code, or with an error if the server sends that to the client (also for a denied consent).
//
// Forms are known by their fields, in this order: a button username=<the person> is pressed; of buttons called decision, allow or deny is
// pressed; a field called username is filled and the form sent. Any other page is an error that quotes what the page says.
func (b *Browser) SignIn(ctx context.Context, authorizationURL string, p Person) (*url.URL, error) {
	if u, err := url.Parse(authorizationURL); err != nil || u.Query().Get("redirect_uri") == "" {
		return nil, fmt.Errorf("signing in as %q: want an authorization URL with a redirect_uri, which says where to stop", p.Username)
	}
	page, err := b.Open(ctx, authorizationURL)
	for answered := 0; err == nil && page.Callback == nil; answered++ {
		if answered == maxSteps {
			err = page.err(fmt.Sprintf("no redirect to the client after %d pages, the last", maxSteps))
			break
		}
		page, err = p.answer(ctx, b, page)
	}
	if err != nil {
		return nil, fmt.Errorf("signing in as %q: %w", p.Username, err)
	}
	return page.Callback, nil
}

// answer fills the page's form and returns the next page.
func (p Person) answer(ctx context.Context, b *Browser, page *Page) (*Page, error) {
	if page.Status >= 400 || page.Problem != "" {
		return nil, page.err("the server shows an error")
	}
	decision := "allow"
	if p.Deny {
		decision = "deny"
	}
	var others []string
	for _, f := range page.Forms {
		if _, err := f.press("username", p.Username); err == nil {
			return b.Submit(ctx, f, "username", p.Username)
		}
		others = append(others, f.Buttons("username")...)
	}
	for _, f := range page.Forms {
		if f.Buttons("decision") != nil {
			return b.Submit(ctx, f, "decision", decision)
		}
	}
	for _, f := range page.Forms {
		if f.Set("username", p.Username) == nil {
			return b.Submit(ctx, f, "", "")
		}
	}
	if others != nil {
		return nil, page.err(fmt.Sprintf("no button for this user, only for %s", bounded(strings.Join(others, ", "))))
	}
	return nil, page.err("no form that a person would know: want a field username or a button decision")
}
