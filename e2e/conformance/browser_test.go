//go:build unix

package conformance

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// stepPatience is for one step of a person before a page.
const stepPatience = 30 * time.Second

// browser is one tab of a headless Chromium that reaches loopback only.
type browser struct {
	ctx context.Context

	mu         sync.Mutex
	violations []string
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("needs Chromium as chromium in PATH; on Debian: apt-get install chromium")
	}
	b := &browser{}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.Headless, chromedp.WindowSize(1400, 1000),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"),
		// Pages that one can go back to keep their event streams open. The Inspector's do, and after three sign-ins they hold all of
		// Chromium's six connections to a host: the Inspector stays at "Connecting...".
		chromedp.Flag("disable-features", "BackForwardCache,Translate")}
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses root its sandbox
	}
	var cancel context.CancelFunc
	b.ctx, cancel = chromedp.NewContext(context.WithoutCancel(t.Context()), chromedp.WithAllocatorOptions(options...), chromedp.WithListener(b.listen))
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the browser is at %s", b.page())
		}
		cancel() // ends the browser
	})
	require.NoError(t, chromedp.Do(b.ctx)) // the tab lives as long as the context of the first call
	return b
}

// listen collects what the console says of violated content security policies.
func (b *browser) listen(event any) {
	if e, ok := event.(*log.EventEntryAdded); ok && strings.Contains(e.Entry.Text, "Content Security Policy") {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.violations = append(b.violations, e.Entry.Text)
	}
}

// violated are the messages so far, from whichever page.
func (b *browser) violated() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.violations)
}

// do does the steps, in order, each in its time.
func (b *browser) do(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	for i, step := range steps {
		ctx, cancel := context.WithTimeout(b.ctx, stepPatience)
		err := chromedp.Do(ctx, step)
		cancel()
		require.NoError(t, err, "step %d of %d", i+1, len(steps))
	}
}

// page is the address and the text of the page.
func (b *browser) page() string {
	ctx, cancel := context.WithTimeout(b.ctx, stepPatience)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return text
}

// see waits for text that one element has for itself.
func see(text string) chromedp.Action[chromedp.Void] {
	return chromedp.WaitVisible(`//*[text()[contains(., ` + quoted(text) + `)]]`)
}

// shows waits for text that may be spread over elements.
func shows(text string) chromedp.Action[chromedp.Void] {
	polled := chromedp.PollFunction[bool](`text => document.body.innerText.replace(/\s+/g, " ").includes(text)`, chromedp.WithPollingArgs(text), chromedp.WithPollingTimeout(stepPatience))
	return func(ctx context.Context, t *chromedp.Target) (none chromedp.Void, err error) {
		_, err = polled(ctx, t)
		return none, err
	}
}

// again repeats a step until its effect shows, as people do with pages that still move things about.
func again(step, effect chromedp.Action[chromedp.Void]) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (none chromedp.Void, err error) {
		for ctx.Err() == nil {
			if none, err = step(ctx, t); err != nil {
				return none, err
			}
			soon, cancel := context.WithTimeout(ctx, 2*time.Second)
			none, err = effect(soon, t)
			cancel()
			if err == nil {
				return none, nil
			}
		}
		return none, err
	}
}

func press(button string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(`//button[normalize-space() = ` + quoted(button) + `]`)
}

// fill writes into an empty field with this label.
func fill(label, text string) chromedp.Action[chromedp.Void] {
	return chromedp.SendKeys(`//*[@id = //label[normalize-space(text()) = `+quoted(label)+`]/@for]`, text)
}

func quoted(text string) string { return `"` + text + `"` } // XPath knows no escapes, and the texts have no quotes
