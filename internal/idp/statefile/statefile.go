// Package statefile keeps in a file what clients rely on over a restart: their registrations, which they cache, and the signing
// keys, which verify the access tokens that they hold. Grants are not in it: a client whose refresh token is gone signs in again.
package statefile

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"mcpharness/internal/idp/store"
)

// State is what is kept.
type State struct {
	Clients []store.Client // registered ones, oldest first
	Keys    []store.Key    // the signing key first
}

const (
	format  = "mock-idp state"
	version = 1
	maxFile = 256 << 20
)

// document is the file. Clients are written with all their fields, whatever these are, so that none is forgotten when one is added.
type document struct {
	Format  string         `json:"format"`
	Version int            `json:"version"`
	Clients []store.Client `json:"clients"`
	Keys    []key          `json:"keys"`
}

type key struct {
	ID         string `json:"id"`
	Algorithm  string `json:"algorithm"`
	PrivateKey string `json:"private_key"` // PKCS #8, PEM
}

// File is a state file that no other process uses. Its methods are not safe for concurrent use; Follow is how a server uses it.
type File struct {
	path string
	lock io.Closer
	stop chan struct{} // nil: nothing is followed
	done chan struct{}
	last func() error
}

// Open takes a state file for this process. It need not exist yet, but its folder must.
func Open(path string) (*File, error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // a link stays one: what it leads to is replaced
	}
	lock, err := lock(path + ".lock")
	if err != nil {
		return nil, fmt.Errorf("state file %s: %w", path, err)
	}
	return &File{path: path, lock: lock}, nil
}

// Read returns what the file holds, nothing where there is no file or an empty one. A file that cannot be understood is an error, and stays as it is.
func (f *File) Read() (State, error) {
	state, err := f.read()
	if err != nil {
		return State{}, fmt.Errorf("state file %s: %w", f.path, err)
	}
	return state, nil
}

func (f *File) read() (State, error) {
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return State{}, nil
	}
	if err != nil {
		return State{}, plain(err)
	}
	defer file.Close()
	if about, err := file.Stat(); err != nil || !about.Mode().IsRegular() || about.Size() > maxFile {
		return State{}, errors.New("want a regular file of at most 256 MiB")
	}
	data, err := io.ReadAll(file)
	if err != nil {
		return State{}, plain(err)
	}
	if len(data) == 0 {
		return State{}, nil // made for us, as mktemp does: Write leaves no empty file behind
	}
	return parse(data)
}

const leave = "; it is left as it is: move it away, or choose another with --state"

// parse reads a state file. Its errors quote nothing of it.
func parse(data []byte) (State, error) {
	var head struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil || head.Format != format {
		return State{}, errors.New("is no state of mock-idp" + leave)
	}
	if head.Version != version {
		return State{}, fmt.Errorf("has version %d, and this mock-idp knows version %d"+leave, head.Version, version)
	}
	var all document
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&all); err != nil {
		return State{}, errors.New("is damaged, or was written by another mock-idp" + leave)
	}
	state := State{Clients: all.Clients}
	for i, c := range all.Clients {
		if c.ID == "" || !c.Registered || c.AuthMethod == "" {
			return State{}, fmt.Errorf("clients[%d] is no registered client"+leave, i)
		}
	}
	for i, k := range all.Keys {
		signer, err := parseKey(k.PrivateKey)
		if err != nil || k.ID == "" || k.Algorithm == "" {
			return State{}, fmt.Errorf("keys[%d] is no signing key"+leave, i)
		}
		state.Keys = append(state.Keys, store.Key{ID: k.ID, Algorithm: k.Algorithm, Signer: signer})
	}
	return state, nil
}

func parseKey(text string) (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("no PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	signer, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, errors.New("a key that cannot sign")
	}
	return signer, nil
}

// Write replaces the file. After a crash there is either the old one or the new one, whole, and nobody else can read it.
func (f *File) Write(state State) error {
	if err := f.write(state); err != nil {
		return fmt.Errorf("writing state file %s: %w", f.path, plain(err))
	}
	return nil
}

func (f *File) write(state State) error {
	all := document{Format: format, Version: version, Clients: state.Clients}
	for _, k := range state.Keys {
		der, err := x509.MarshalPKCS8PrivateKey(k.Signer)
		if err != nil {
			return err
		}
		all.Keys = append(all.Keys, key{k.ID, k.Algorithm, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))})
	}
	data, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	folder := filepath.Dir(f.path)
	temporary, err := os.CreateTemp(folder, filepath.Base(f.path)+".*.tmp") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // harmless once it is renamed
	_, err = temporary.Write(append(data, '\n'))
	if err := errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	if err := os.Rename(temporary.Name(), f.path); err != nil {
		return err
	}
	return syncFolder(folder)
}

// plain drops the path, which the caller names.
func plain(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// of takes from a store what is kept.
func of(s *store.Store) State {
	state := State{Keys: s.Keys()}
	for _, c := range slices.Backward(s.Clients()) { // newest first
		if c.Registered {
			state.Clients = append(state.Clients, *c)
		}
	}
	return state
}
