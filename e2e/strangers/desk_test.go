//go:build unix

package strangers

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/e2e/strangers/installation"
)

// desk is one person's computer: a home folder, a browser that signs that person in, and the installed clients.
type desk struct {
	home, bin, installation, person string

	line   *net.TCPListener // where its browsers call
	calls  sync.WaitGroup
	mu     sync.Mutex
	open   []*net.TCPConn
	visits []string
}

func newDesk(t *testing.T, dir, person string) *desk {
	t.Helper()
	d := &desk{home: t.TempDir(), bin: t.TempDir(), installation: dir, person: person}
	self, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.Symlink(self, d.browser()))
	require.NoError(t, os.Symlink(installation.Node(t, dir), d.node()))
	d.line, err = net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	d.calls.Go(d.listen)
	t.Cleanup(d.hangUp)
	return d
}

// listen writes down what the browsers tell.
func (d *desk) listen() {
	for {
		call, err := d.line.AcceptTCP()
		if err != nil {
			return
		}
		d.mu.Lock()
		d.open = append(d.open, call)
		d.mu.Unlock()
		d.calls.Go(func() {
			defer call.Close()
			for lines := bufio.NewScanner(call); lines.Scan(); {
				d.mu.Lock()
				d.visits = append(d.visits, lines.Text())
				d.mu.Unlock()
			}
		})
	}
}

// hangUp ends the browsers and waits for their ends.
func (d *desk) hangUp() {
	_ = d.line.Close()
	d.mu.Lock()
	for _, call := range d.open {
		_ = call.CloseWrite()
		_ = call.SetReadDeadline(time.Now().Add(10 * time.Second))
	}
	d.mu.Unlock()
	d.calls.Wait()
}

// signIns are what the browsers told: the person's name for each sign-in, or what went wrong.
func (d *desk) signIns() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.visits)
}

func (d *desk) browser() string { return filepath.Join(d.bin, browserName) }
func (d *desk) node() string    { return filepath.Join(d.bin, "node") }

// module is a file of an installed npm package.
func (d *desk) module(path string) string {
	return filepath.Join(d.installation, "node_modules", filepath.FromSlash(path))
}

// command prepares a program with nothing of the caller's environment. It leads a process group, which ends as a whole when
// the test does.
func (d *desk) command(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = d.home
	cmd.Env = []string{
		"HOME=" + d.home,
		"PATH=" + d.bin + ":/usr/bin:/bin",
		"BROWSER=" + d.browser(),
		personKey + "=" + d.person,
		deskKey + "=" + d.line.Addr().String(),
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// freePort is for clients that must be told the port of their callback.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
