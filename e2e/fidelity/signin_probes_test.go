package fidelity

import (
	"net/url"
	"strings"
)

// The way from the sign-in page back to the client.
func signinProbes() []probe {
	page := func(c *talk, edits ...string) *answer { return c.open("authorization", c.authorization(edits...)) }
	right := func(c *talk) []string { return []string{"username", c.who.Username, "password", c.who.Password} }
	signin := func(name string, talk func(c *talk)) probe {
		return probe{name: "signin/" + name, needs: []string{"authorization", "form"}, talk: talk}
	}
	return []probe{
		signin("page", func(c *talk) { c.see("page", page(c)) }),
		signin("success", func(c *talk) { c.see("back", c.fill(page(c), "password", right(c)...)) }),
		signin("success-without-state", func(c *talk) { c.see("back", c.fill(page(c, "-state"), "password", right(c)...)) }),
		signin("success-fragment", func(c *talk) { c.see("back", c.fill(page(c, "response_mode=fragment"), "password", right(c)...)) }),
		signin("success-form-post", func(c *talk) {
			c.see("back", c.fill(page(c, "response_mode=form_post"), "password", right(c)...))
		}),
		signin("success-query-jwt", func(c *talk) {
			c.see("back", c.fill(page(c, "response_mode=query.jwt"), "password", right(c)...))
		}),
		signin("success-response-type-none", func(c *talk) {
			c.see("back", c.fill(page(c, "response_type=none"), "password", right(c)...))
		}),
		signin("wrong-password", func(c *talk) {
			again := c.fill(page(c), "password", "username", c.who.Username, "password", "wrong")
			c.see("page", again)
			c.see("then right", c.fill(again, "password", right(c)...))
		}),
		signin("unknown-user", func(c *talk) {
			c.see("page", c.fill(page(c), "password", "username", "nobody", "password", "wrong"))
		}),
		signin("empty-password", func(c *talk) {
			c.see("page", c.fill(page(c), "password", "username", c.who.Username, "password", ""))
		}),
		signin("empty-username", func(c *talk) {
			c.see("page", c.fill(page(c), "password", "username", "", "password", "wrong"))
		}),
		signin("other-case", func(c *talk) {
			c.see("back", c.fill(page(c), "password", "username", strings.ToUpper(c.who.Username), "password", c.who.Password))
		}),
		signin("by-email", func(c *talk) {
			c.see("back", c.fill(page(c), "password", "username", c.who.Username+"@example.com", "password", c.who.Password))
		}),
		signin("spaces-around", func(c *talk) {
			c.see("back", c.fill(page(c), "password", "username", " "+c.who.Username+" ", "password", c.who.Password))
		}),
		signin("posted-again-after-success", func(c *talk) {
			shown := page(c)
			c.fill(shown, "password", right(c)...)
			c.see("again", c.fill(shown, "password", right(c)...))
		}),
		signin("old-page-after-wrong-password", func(c *talk) {
			shown := page(c)
			c.fill(shown, "password", "username", c.who.Username, "password", "wrong")
			c.see("old page", c.fill(shown, "password", right(c)...))
		}),
		signin("without-cookies", func(c *talk) {
			shown := page(c)
			c.browser = c.newBrowser()
			c.see("answer", c.fill(shown, "password", right(c)...))
		}),
		signin("two-tabs", func(c *talk) {
			first, second := page(c), page(c, "state=second")
			c.see("second", c.fill(second, "password", right(c)...))
			c.see("first", c.fill(first, "password", right(c)...))
		}),
		signin("two-tabs-stale-one-again", func(c *talk) {
			first, second := page(c), page(c, "state=second")
			c.fill(first, "password", "username", c.who.Username, "password", "wrong")
			c.see("stale", c.fill(first, "password", right(c)...))
			c.see("second", c.fill(second, "password", right(c)...))
			c.see("stale after", c.fill(first, "password", right(c)...))
			c.see("second again", c.fill(second, "password", right(c)...))
		}),
		signin("two-tabs-of-two-clients", func(c *talk) {
			first, second := page(c), page(c, "client_id={other}", "redirect_uri=http://localhost:6274/oauth/callback")
			c.see("first", c.fill(first, "password", right(c)...))
			c.see("second", c.fill(second, "password", right(c)...))
			c.see("first again", c.fill(first, "password", right(c)...))
		}),
		signin("changed-code", func(c *talk) {
			shown := page(c)
			c.see("answer", c.changed(shown, "session_code", "nonsense"))
		}),
		signin("changed-client", func(c *talk) {
			c.see("answer", c.changed(page(c), "client_id", "nobody"))
		}),
		signin("changed-tab", func(c *talk) {
			c.see("answer", c.changed(page(c), "tab_id", "nonsense"))
		}),
		signin("action-by-get", func(c *talk) {
			c.see("answer", c.send(request{to: c.action(page(c)).String(), browser: c.browser}))
		}),
		signin("reloaded", func(c *talk) {
			page(c)
			c.see("page", page(c))
		}),
		signin("login-hint", func(c *talk) {
			var value string
			for _, f := range page(c, "login_hint=carol").forms() {
				for _, field := range f.fields {
					if field.name == "username" {
						value = field.value
					}
				}
			}
			c.note("username", value)
		}),
		signin("foreign-origin", func(c *talk) {
			form := params{"username", c.who.Username, "password", c.who.Password}
			c.see("answer", c.send(request{to: c.action(page(c)).String(), form: form, browser: c.browser, header: []string{"Origin", "https://foreign.example", "Sec-Fetch-Site", "cross-site"}}))
		}),
	}
}

// action is where the page's first form leads.
func (c *talk) action(a *answer) *url.URL {
	forms := a.forms()
	if len(forms) == 0 {
		c.stop("no form")
	}
	target, err := a.url.Parse(forms[0].action)
	if err != nil {
		c.stop("a form to no URL")
	}
	return target
}

// changed sends the right answer to the page's form, with one parameter of the form's action changed.
func (c *talk) changed(a *answer, name, value string) *answer {
	target := *c.action(a)
	query := target.Query()
	if query.Get(name) == "" {
		c.stop("the form's action has no parameter %s", name)
	}
	query.Set(name, value)
	target.RawQuery = query.Encode()
	return c.send(request{to: target.String(), form: params{"username", c.who.Username, "password", c.who.Password}, browser: c.browser})
}
