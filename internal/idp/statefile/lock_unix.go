//go:build unix

package statefile

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// lock holds a file of its own, as the state file itself is replaced at every write. The lock ends with the process, however that ends;
// the file stays, since removing it would let two processes hold two files of one name.
func lock(path string) (io.Closer, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, plain(err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.New("another mock-idp uses it; stop that one, or choose another file")
		}
		return nil, err
	}
	return file, nil
}

// syncFolder makes a rename last.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
