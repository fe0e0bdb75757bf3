//go:build unix

package testpostgres

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// programs returns the folder of PostgreSQL's programs: of PATH, else the newest of Debian's.
func programs() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	const folders = "/usr/lib/postgresql/*/bin"
	found, _ := filepath.Glob(folders + "/initdb")
	if len(found) == 0 {
		return "", errors.New("PostgreSQL is not installed: no initdb in PATH or " + folders + "; tools/postgres installs it")
	}
	newest := slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })
	return filepath.Dir(newest), nil
}

// version is the 15 of /usr/lib/postgresql/15/bin/initdb.
func version(initdb string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb))))
	return n
}

// identity is whom PostgreSQL runs as: it refuses root. The zero value is the user of the test.
type identity struct{ credential *syscall.Credential }

func unprivileged() (identity, error) {
	if os.Geteuid() != 0 {
		return identity{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return identity{}, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return identity{}, err
		}
		return identity{&syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
	}
	return identity{}, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody")
}

func (as identity) own(paths ...string) error {
	if as.credential == nil {
		return nil
	}
	for _, path := range paths {
		if err := os.Chown(path, int(as.credential.Uid), int(as.credential.Gid)); err != nil {
			return err
		}
	}
	return nil
}

// attributes put a program into a process group of its own, so that Ctrl+C reaches the test first.
func (as identity) attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: as.credential, Setpgid: true}
}
