package command

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// grace is how long requests under way may take once a server stops.
const grace = 5 * time.Second

// Serve answers on the listeners until the context ends, then lets requests under way finish.
func Serve(ctx context.Context, handler http.Handler, listeners []net.Listener) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // peers that hang up are no news
	}
	ended := make(chan error, len(listeners))
	var serving sync.WaitGroup
	for _, l := range listeners {
		serving.Go(func() { ended <- server.Serve(l) })
	}
	var failure error
	select {
	case <-ctx.Done():
	case failure = <-ended:
	}
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := server.Shutdown(deadline); errors.Is(err, context.DeadlineExceeded) {
		_ = server.Close()
	}
	serving.Wait()
	if errors.Is(failure, http.ErrServerClosed) {
		return nil
	}
	return failure
}
