package useragent

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Person is who sits before the browser.
type Person struct {
	Username string
	Password string // written where a page has a field for it
	Deny     bool   // presses deny on the consent page
}

// ErrNoPassword is why a Person without a password does not get in where one is asked for.
var ErrNoPassword = errors.New("the server asks for a password, and this person has none")

// SignIn opens an authorization URL, fills the forms it is shown, and stops at the redirect to the redirect_uri of the URL's query, which
// it returns and does not follow: with a code, or with an error if the server sends that to the client (also for a denied consent).
//
// Where the page is one of Logto's (see pageCallsAPI), the API that its script calls is called. Else forms are known by their fields, in this order: a button username=<the person> is pressed; consent is given or denied by a button
// decision=allow or decision=deny, or by one called accept or cancel (Keycloak); the fields called username and password are filled, those
// that are there, and the form sent. Any other page is an error that quotes what the page says, and so is a second question for the password.
func (b *Browser) SignIn(ctx context.Context, authorizationURL string, p Person) (*url.URL, error) {
	if u, err := url.Parse(authorizationURL); err != nil || u.Query().Get("redirect_uri") == "" {
		return nil, fmt.Errorf("signing in as %q: want an authorization URL with a redirect_uri, which says where to stop", p.Username)
	}
	page, err := b.Open(ctx, authorizationURL)
	s := &signIn{browser: b, person: p}
	for answered := 0; err == nil && page.Callback == nil; answered++ {
		if answered == maxSteps {
			err = page.err(fmt.Sprintf("no redirect to the client after %d pages, the last", maxSteps))
			break
		}
		page, err = s.answer(ctx, page)
	}
	if err != nil {
		return nil, fmt.Errorf("signing in as %q: %w", p.Username, err)
	}
	return page.Callback, nil
}

// signIn is one person's way through the pages.
type signIn struct {
	browser *Browser
	person  Person
	told    bool // the password was sent
}

// answer fills the page's form and returns the next page.
func (s *signIn) answer(ctx context.Context, page *Page) (*Page, error) {
	if page.Status >= 400 || page.Problem != "" {
		return nil, page.err("the server shows an error")
	}
	if step := s.browser.pageCallsAPI(page); step == stepLogin || step == stepConsent && !s.person.Deny {
		return s.callAPI(ctx, page, step)
	}
	for _, f := range page.Forms {
		if _, err := f.press("username", s.person.Username); err == nil {
			return s.browser.Submit(ctx, f, "username", s.person.Username)
		}
	}
	for _, f := range page.Forms {
		if name, value, found := f.decision(s.person.Deny); found {
			return s.browser.Submit(ctx, f, name, value)
		}
	}
	for _, f := range page.Forms {
		named, secret := f.Set("username", s.person.Username) == nil, f.Set("password", s.person.Password) == nil
		switch {
		case secret && s.person.Password == "":
			return nil, page.because(ErrNoPassword)
		case secret && s.told:
			return nil, page.err("the server asks for the password a second time: it did not take it")
		case named || secret:
			s.told = s.told || secret
			return s.browser.Submit(ctx, f, "", "")
		}
	}
	var others []string
	for _, f := range page.Forms {
		others = append(others, f.Buttons("username")...)
	}
	if others != nil {
		return nil, page.err(fmt.Sprintf("no button for this user, only for %s", bounded(strings.Join(others, ", "))))
	}
	return nil, page.err("no form that a person would know: want a field username or password, or a button decision, accept or cancel")
}

// decision finds the button of a consent form that allows or denies.
func (f *Form) decision(deny bool) (name, value string, found bool) {
	name, value = "accept", "allow"
	if deny {
		name, value = "cancel", "deny"
	}
	if f.Buttons("decision") != nil {
		return "decision", value, true
	}
	if labels := f.Buttons(name); labels != nil {
		return name, labels[0], true
	}
	return "", "", false
}
