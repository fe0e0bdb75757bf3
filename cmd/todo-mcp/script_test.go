package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience bounds every wait of the scripts.
const patience = 20 * time.Second

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"todo-mcp": main, "fetch": fetch})
}

// TestScripts runs the real binary by the scripts in testdata. Besides testscript's own commands they have:
//
//	serve NAME [flags]   starts todo-mcp and waits until it says that it is ready; sets $NAME_URL, $NAME_LISTEN, $NAME_ISSUER
//	                     and $NAME_METRICS, and writes its streams to NAME.stdout and NAME.stderr
//	end NAME             sends SIGTERM and wants exit status 0
//	issuer               sets $ISSUER to an issuer that is down; "issuer up" starts it, for the resource $RESOURCE too
//	token SUB SCOPE      sets $TOKEN to a token of the issuer for the resource $RESOURCE
//	taken                sets $TAKEN to a port of localhost that another program has
//	empty DIR            wants nothing in a folder
//	exec fetch           sends a request: see fetch_test.go
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Deadline:            time.Now().Add(2 * time.Minute), // a program that should have ended is killed
		Setup: func(env *testscript.Env) error {
			r := &rig{servers: map[string]*exec.Cmd{}}
			env.Values[rigKey{}] = r
			env.Defer(r.close)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve": serve, "end": stop, "issuer": issuer, "token": token, "taken": taken, "empty": empty,
		},
	})
}

type rigKey struct{}

// rig is what one script has running.
type rig struct {
	servers map[string]*exec.Cmd
	issuer  *sleeper
	taken   []net.Listener
}

func rigOf(ts *testscript.TestScript, neg bool) *rig {
	if neg {
		ts.Fatalf("this command cannot be negated")
	}
	return ts.Value(rigKey{}).(*rig)
}

func (r *rig) close() {
	for _, cmd := range r.servers {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	if r.issuer != nil {
		r.issuer.close()
	}
	for _, l := range r.taken {
		_ = l.Close()
	}
}

func taken(ts *testscript.TestScript, neg bool, _ []string) {
	r := rigOf(ts, neg)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	r.taken = append(r.taken, l)
	_, port, err := net.SplitHostPort(l.Addr().String())
	ts.Check(err)
	ts.Setenv("TAKEN", port)
}

func empty(ts *testscript.TestScript, neg bool, args []string) {
	rigOf(ts, neg)
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	for _, entry := range entries {
		ts.Fatalf("want nothing in %s, got %s", args[0], filepath.Join(args[0], entry.Name()))
	}
}
