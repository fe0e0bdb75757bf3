package main

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func serve(ts *testscript.TestScript, neg bool, args []string) {
	r := rigOf(ts, neg)
	name := args[0]
	cmd := exec.Command("todo-mcp", args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = []string{"PATH=" + ts.Getenv("PATH"), "HOME=" + ts.Getenv("WORK"), "TMPDIR=" + ts.Getenv("TMPDIR"), "GOCOVERDIR=" + os.Getenv("GOCOVERDIR")}
	stderr, err := os.Create(ts.MkAbs(name + ".stderr"))
	ts.Check(err)
	defer stderr.Close() // the process has its own
	copied, err := os.Create(ts.MkAbs(name + ".stdout"))
	ts.Check(err)
	cmd.Stderr = stderr
	pipe, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	r.servers[name] = cmd

	first := make(chan []byte, 1)
	go func() {
		defer copied.Close()
		out := bufio.NewReader(io.TeeReader(pipe, copied))
		line, _ := out.ReadBytes('\n')
		first <- line
		_, _ = io.Copy(io.Discard, out)
	}()
	var ready struct{ URL, Issuer, Listen, Metrics string }
	select {
	case line := <-first:
		if err := json.Unmarshal(line, &ready); err != nil {
			ts.Fatalf("want one line of JSON on stdout, got %q; stderr:\n%s", line, ts.ReadFile(name+".stderr"))
		}
	case <-time.After(patience):
		ts.Fatalf("not ready after %s; stderr:\n%s", patience, ts.ReadFile(name+".stderr"))
	}
	ts.Setenv(name+"_URL", ready.URL)
	ts.Setenv(name+"_LISTEN", ready.Listen)
	ts.Setenv(name+"_ISSUER", ready.Issuer)
	ts.Setenv(name+"_METRICS", ready.Metrics)
}

func stop(ts *testscript.TestScript, neg bool, args []string) {
	r := rigOf(ts, neg)
	cmd := r.servers[args[0]]
	if cmd == nil {
		ts.Fatalf("no server is called %s", args[0])
	}
	delete(r.servers, args[0])
	ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			ts.Fatalf("after SIGTERM want exit status 0, got %v; stderr:\n%s", err, ts.ReadFile(args[0]+".stderr"))
		}
	case <-time.After(patience):
		_ = cmd.Process.Kill()
		<-ended
		ts.Fatalf("still running %s after SIGTERM", patience)
	}
}
