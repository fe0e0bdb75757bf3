package statefile

import (
	"errors"
	"log/slog"
	"time"

	"mcpharness/internal/idp/store"
)

// pause is how long changes are collected before they are written. A crash loses no more than what happened in it.
const pause = 100 * time.Millisecond

// Follow writes the file now, and again whenever the store changes, until Close. What cannot be written later on is told in the
// log, and tried again at the next change.
func (f *File) Follow(s *store.Store, logger *slog.Logger) error {
	if err := f.Write(of(s)); err != nil {
		return err
	}
	f.stop, f.done = make(chan struct{}), make(chan struct{})
	f.last = func() error { return f.Write(of(s)) }
	go func() {
		defer close(f.done)
		for {
			select {
			case <-f.stop:
				return
			case <-s.Changes():
			}
			select {
			case <-f.stop:
				return
			case <-time.After(pause):
			}
			if err := f.Write(of(s)); err != nil {
				logger.Error("what clients registered will not outlive a restart", "cause", err)
			}
		}
	}()
	return nil
}

// Close writes the last state, if one is followed, and lets others use the file.
func (f *File) Close() error {
	var err error
	if f.stop != nil {
		close(f.stop)
		<-f.done
		f.stop, err = nil, f.last()
	}
	return errors.Join(err, f.lock.Close())
}
