package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience bounds every wait; nothing takes that long but a machine that is busy with something else.
const patience = 30 * time.Second

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"mock-idp": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Values[serversKey{}] = map[string]*server{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve": serve, "end": stop, "get": get, "post": post,
		},
	})
}

// server is a running mock-idp. A script has one at a time under each name.
type server struct {
	cmd  *exec.Cmd
	more chan string // what stdout says after the first line
	done chan error
}

type serversKey struct{}

func serversOf(ts *testscript.TestScript) map[string]*server {
	return ts.Value(serversKey{}).(map[string]*server)
}

// serve NAME ARGS... starts mock-idp with these flags and waits for its line on stdout, which becomes NAME.json. The members of the
// line become variables: NAME_issuer, NAME_metadata. What it says on stderr goes to NAME.stderr.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: serve NAME ARGS...")
	}
	name := args[0]
	stderr, err := os.Create(ts.MkAbs(name + ".stderr"))
	ts.Check(err)
	s := &server{cmd: exec.Command(binary(ts), args[1:]...), more: make(chan string, 1), done: make(chan error, 1)}
	s.cmd.Dir, s.cmd.Env, s.cmd.Stderr = ts.MkAbs("."), []string{"HOME=" + ts.Getenv("HOME")}, stderr
	s.cmd.Args[0] = "mock-idp"
	stdout, err := s.cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(s.cmd.Start())
	ts.Defer(func() {
		_ = s.cmd.Process.Kill() // harmless where stop has ended it
		_ = stderr.Close()
	})
	first := make(chan string, 1)
	go func() {
		reader := bufio.NewReader(stdout)
		line, _ := reader.ReadString('\n')
		first <- line
		more, _ := io.ReadAll(reader)
		s.more <- string(more)
		s.done <- s.cmd.Wait()
	}()
	serversOf(ts)[name] = s
	select {
	case line := <-first:
		ts.Check(os.WriteFile(ts.MkAbs(name+".json"), []byte(line), 0o600))
		var ready map[string]string
		if err := json.Unmarshal([]byte(line), &ready); err != nil {
			said, _ := os.ReadFile(ts.MkAbs(name + ".stderr"))
			ts.Fatalf("want a line of JSON on stdout, got %q; stderr:\n%s", line, said)
		}
		for member, value := range ready {
			ts.Setenv(name+"_"+member, value)
		}
	case <-time.After(patience):
		ts.Fatalf("no line on stdout after %s", patience)
	}
}

// end NAME sends SIGTERM and wants exit status 0, and no more than the one line on stdout.
func stop(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: end NAME")
	}
	s, ok := serversOf(ts)[args[0]]
	if !ok {
		ts.Fatalf("no server %s", args[0])
	}
	ts.Check(s.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-s.done:
		ts.Check(err)
	case <-time.After(patience):
		ts.Fatalf("%s still runs %s after SIGTERM", args[0], patience)
	}
	if more := <-s.more; more != "" {
		ts.Fatalf("want one line on stdout, got more: %s", more)
	}
}

// get URL FILE [CA] writes the answer to a GET into a file: status line, then body. With CA, a file, it trusts that authority only.
// With ! the connection must fail.
func get(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 && len(args) != 3 {
		ts.Fatalf("usage: get URL FILE [CA]")
	}
	request, err := http.NewRequest(http.MethodGet, args[0], nil)
	ts.Check(err)
	fetch(ts, neg, request, args[1:])
}

// post URL JSON FILE posts a file and writes the answer as get does.
func post(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: post URL JSON FILE")
	}
	request, err := http.NewRequest(http.MethodPost, args[0], strings.NewReader(ts.ReadFile(args[1])))
	ts.Check(err)
	request.Header.Set("Content-Type", "application/json")
	fetch(ts, neg, request, args[2:])
}

func fetch(ts *testscript.TestScript, neg bool, request *http.Request, args []string) {
	transport := &http.Transport{DisableKeepAlives: true}
	if len(args) == 2 {
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM([]byte(ts.ReadFile(args[1]))) {
			ts.Fatalf("no certificate in %s", args[1])
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	client := http.Client{Timeout: patience, Transport: transport}
	res, err := client.Do(request)
	if neg {
		if err == nil {
			ts.Fatalf("want no answer from %s, got %s", request.URL, res.Status)
		}
		return
	}
	ts.Check(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), append([]byte(res.Status+"\n"), body...), 0o600))
}

// binary finds mock-idp where testscript has put it.
func binary(ts *testscript.TestScript) string {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if path := filepath.Join(dir, "mock-idp"); fileExists(path) {
			return path
		}
	}
	ts.Fatalf("no mock-idp in PATH")
	return ""
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestAServerForOtherMachinesNeedsAnIssuerThatTheyReach(t *testing.T) {
	t.Parallel()
	for listen, warned := range map[string]bool{
		"0.0.0.0:4444": true, "[::]:4444": true, ":0": true,
		"localhost:4444": false, "127.0.0.1:4444": false, "[::1]:4444": false, "192.0.2.1:4444": false, "idp.example:4444": false,
	} {
		if got := elsewhere(listen, "") != ""; got != warned {
			t.Errorf("--listen %s: want a warning: %v, got %v", listen, warned, got)
		}
		if elsewhere(listen, "http://idp.example") != "" {
			t.Errorf("--listen %s with an issuer: want no warning", listen)
		}
	}
}
