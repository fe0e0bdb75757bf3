//go:build linux

// Package performance measures the commands as processes. What is measured inside of one stands beside what it measures.
package performance

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/e2e/binary"
)

// program is a command that serves a first document.
type program struct {
	name, path string
	args       []string
	document   string // below the origin of what it says to be at
}

// programs are the floor and both commands.
func programs(b *testing.B) []program {
	b.Helper()
	bare := filepath.Join(b.TempDir(), "bare")
	out, err := exec.Command("go", "build", "-o", bare, "./testdata/bare").CombinedOutput()
	require.NoError(b, err, "%s", out)
	return []program{
		{"bare", bare, nil, "/"},
		{"mock-idp", binary.Build(b, "mock-idp"), []string{"--listen", "127.0.0.1:0"}, "/.well-known/oauth-authorization-server"},
		{"todo-mcp", binary.Build(b, "todo-mcp"), []string{"--listen", "127.0.0.1:0", "--idp-listen", "127.0.0.1:0"}, "/.well-known/oauth-protected-resource/mcp"},
	}
}

// serving starts a program, fetches its document and returns its origin.
func (p program) serving(b *testing.B) (*binary.Process, string) {
	b.Helper()
	var ready struct{ URL, Issuer, Listen string }
	process := binary.Start(b, p.path, &ready, p.args...)
	at := ready.URL
	if at == "" {
		at = ready.Issuer
	}
	u, err := url.Parse(at)
	require.NoError(b, err)
	origin := "http://" + u.Host
	response, err := http.Get(origin + p.document)
	require.NoError(b, err)
	_, _ = io.Copy(io.Discard, response.Body)
	require.NoError(b, response.Body.Close())
	require.Equal(b, http.StatusOK, response.StatusCode)
	return process, origin
}

// BenchmarkStart is the time from the start of a process to the end of the first answer, the median of all starts. The programs
// start in turns; todo-mcp starts a mock-idp in its process and makes a new database.
func BenchmarkStart(b *testing.B) {
	all := programs(b)
	took := map[string][]time.Duration{}
	for b.Loop() {
		for _, p := range all {
			began := time.Now()
			process, _ := p.serving(b)
			took[p.name] = append(took[p.name], time.Since(began))
			process.Stop(b)
		}
	}
	b.ReportMetric(0, "ns/op")
	for name, durations := range took {
		slices.Sort(durations)
		b.ReportMetric(float64(durations[len(durations)/2].Microseconds())/1000, "ms/"+name)
	}
}

// BenchmarkMemory is the anonymous memory of idle processes, and of mock-idp after 100,000 tokens.
func BenchmarkMemory(b *testing.B) {
	all := programs(b)
	for b.Loop() {
		for _, p := range all {
			process, origin := p.serving(b)
			b.ReportMetric(anonymous(b, process.PID()), "MB/"+p.name)
			if p.name == "mock-idp" {
				issueTokens(b, origin, 100_000)
				b.ReportMetric(anonymous(b, process.PID()), "MB/mock-idp-after")
			}
			process.Stop(b)
		}
	}
	b.ReportMetric(0, "ns/op")
}

func issueTokens(b *testing.B, issuer string, count int) {
	form := "grant_type=client_credentials&client_id=todo-batch"
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4}}
	defer client.CloseIdleConnections()
	const senders = 4
	failed := make(chan error, senders)
	var sending sync.WaitGroup
	for range senders {
		sending.Go(func() {
			for range count / senders {
				r, err := http.NewRequest(http.MethodPost, issuer+"/token", strings.NewReader(form))
				if err == nil {
					r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
					r.SetBasicAuth("todo-batch", "todo-batch-secret")
					var response *http.Response
					if response, err = client.Do(r); err == nil {
						_, _ = io.Copy(io.Discard, response.Body)
						_ = response.Body.Close()
						if response.StatusCode != http.StatusOK {
							err = fmt.Errorf("want a token, got %s", response.Status)
						}
					}
				}
				if err != nil {
					failed <- err
					return
				}
			}
		})
	}
	sending.Wait()
	close(failed)
	require.NoError(b, <-failed)
}

var rssAnon = regexp.MustCompile(`RssAnon:\s+(\d+) kB`)

// anonymous is the memory of a process, in MB, that it shares with no file.
func anonymous(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(b, err)
	found := rssAnon.FindSubmatch(status)
	require.NotNil(b, found)
	kilobytes, err := strconv.Atoi(string(found[1]))
	require.NoError(b, err)
	return float64(kilobytes) / 1024
}
