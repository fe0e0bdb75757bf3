package todomcp

import (
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	keepAlive      = 15 * time.Second // between comments that find out dead connections and keep proxies patient
	timeForGoodbye = time.Second
	timeForWrite   = 10 * time.Second // a client that takes longer to read what is there is cut off
	maxQueued      = 4 << 20          // bytes that wait for the client, but one message of any size may
	maxQueuedMsgs  = 256
)

// stream is one event stream. push and end may be called by anybody at any time, serve once.
type stream struct {
	id    string
	owner owner
	wake  chan struct{} // has one token while the queue may have events
	done  chan struct{} // closed by end

	mu     sync.Mutex
	ended  bool
	queue  [][]byte
	queued int
	out    *http.ResponseController // while serve runs
}

func newStream(id string, owner owner) *stream {
	return &stream{id: id, owner: owner, wake: make(chan struct{}, 1), done: make(chan struct{})}
}

// push queues a message, and reports false if the stream has ended. It ends the stream of a client that does not read.
func (s *stream) push(message []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return false
	}
	if len(s.queue) > 0 && (s.queued+len(message) > maxQueued || len(s.queue) == maxQueuedMsgs) {
		s.endLocked()
		return false
	}
	s.queue = append(s.queue, message)
	s.queued += len(message)
	s.wakeUp()
	return true
}

// end ends the stream at once, also one whose client does not read. It may be called again.
func (s *stream) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endLocked()
}

func (s *stream) endLocked() {
	if s.ended {
		return
	}
	s.ended = true
	s.queue = nil
	close(s.done)
	if s.out != nil {
		_ = s.out.SetWriteDeadline(time.Unix(1, 0)) // wakes a write that hangs
	}
}

// next takes the next message off the queue.
func (s *stream) next() (message []byte, has bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		return nil, false
	}
	message, s.queue[0] = s.queue[0], nil
	s.queue = s.queue[1:]
	s.queued -= len(message)
	return message, true
}

// serve writes events until the stream ends, and says why it did.
func (s *stream) serve(w http.ResponseWriter, r *http.Request, endpoint string, until time.Time) (reason string) {
	out := http.NewResponseController(w)
	s.mu.Lock()
	s.out = out
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.out = nil
		s.endLocked()
		_ = out.SetWriteDeadline(time.Now().Add(timeForGoodbye))
	}()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("Connection", "close")     // its deadlines are not fit for another request
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	w.WriteHeader(http.StatusOK)

	expired := time.NewTimer(time.Until(until))
	defer expired.Stop()
	pause := time.NewTicker(keepAlive)
	defer pause.Stop()
	if !s.write(w, "event: endpoint\ndata: "+endpoint+"\n\n", nil) {
		return "the client left or does not read"
	}
	for {
		select {
		case <-expired.C:
			s.write(w, ": the token of this stream has expired\n\n", nil)
			return "the token expired"
		case <-s.done:
			return "the server ended it"
		case <-r.Context().Done():
			return "the client left"
		case <-pause.C:
			if !s.write(w, ": keep-alive\n\n", nil) {
				return "the client left or does not read"
			}
		case <-s.wake:
			if message, has := s.next(); has {
				s.wakeUp() // there may be more
				if !s.write(w, "event: message\ndata: ", message) {
					return "the client left or does not read"
				}
			}
		}
	}
}

// wakeUp makes serve look at the queue again.
func (s *stream) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// write sends text, and a message after it, if there is one, and reports whether the client takes them. Each write has a
// deadline of its own in place of the server's, which is for requests that end. Servers without deadlines exist
// (recorders, some adapters).
func (s *stream) write(w http.ResponseWriter, text string, message []byte) bool {
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return false
	}
	_ = s.out.SetWriteDeadline(time.Now().Add(timeForWrite))
	out := s.out
	s.mu.Unlock()
	if _, err := io.WriteString(w, text); err != nil {
		return false
	}
	if message != nil {
		if _, err := w.Write(append(message, "\n\n"...)); err != nil {
			return false
		}
	}
	return out.Flush() == nil
}
