package terraform

import (
	"bytes"
	"io"
	"regexp"
	"sync"

	"envoy-proxy-poc/tasks/internal/lines"
)

// tailSize is how much of terraform's stderr is kept to learn the reason of a failure from, in bytes.
const tailSize = 64 << 10

// stream passes terraform's output on, one write at a time and never failing, and keeps what the end of a command is
// judged by.
type stream struct {
	mu             *sync.Mutex // guards all of this, and the writers
	stdout, stderr io.Writer   // the user's; nil discards

	tail     []byte        // the end of stderr
	spoke    bool          // terraform has written something
	first    chan struct{} // closed when it has
	stopped  bool
	stopping chan struct{} // closed when terraform says that it was interrupted
}

func newStream(mu *sync.Mutex, stdout, stderr io.Writer) *stream {
	return &stream{mu: mu, stdout: stdout, stderr: stderr, first: make(chan struct{}), stopping: make(chan struct{})}
}

func (s *stream) out() io.Writer { return writerFunc(func(p []byte) { s.write(s.stdout, p) }) }

func (s *stream) err() io.Writer {
	return writerFunc(func(p []byte) {
		s.write(s.stderr, p)
		s.keep(p)
	})
}

// hold keeps stdout from the user until release, or until terraform has more to say than which version it is and what
// is wrong: from then on it is at work.
func (s *stream) hold() (release func()) {
	if s.stdout == nil {
		return func() {}
	}
	held := newHolding(s.stdout)
	s.stdout = held
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		held.release()
	}
}

// preliminary is an event of a terraform that may not be initialised.
var preliminary = regexp.MustCompile(`"type":"(version|diagnostic)"`)

type holding struct {
	w    io.Writer
	kept bytes.Buffer
	open bool
	said lines.Writer
}

func newHolding(w io.Writer) *holding {
	h := &holding{w: w}
	h.said.Take = func(line string) { h.open = h.open || !preliminary.MatchString(line) }
	return h
}

func (h *holding) Write(p []byte) (int, error) {
	if h.open {
		return h.w.Write(p)
	}
	h.kept.Write(p)
	if _, _ = h.said.Write(p); h.open {
		h.release()
	}
	return len(p), nil
}

func (h *holding) release() {
	h.open = true
	_, _ = h.kept.WriteTo(h.w)
}

// keep adds to the tail.
func (s *stream) keep(p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tail = append(s.tail, p...)
	if extra := len(s.tail) - tailSize; extra > 0 {
		s.tail = append(s.tail[:0], s.tail[extra:]...)
	}
}

func (s *stream) write(w io.Writer, p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.spoke {
		s.spoke = true
		close(s.first)
	}
	if !s.stopped && bytes.Contains(p, []byte("Interrupt received")) {
		s.stopped = true
		close(s.stopping)
	}
	if w != nil {
		_, _ = w.Write(p) // an error here would stop terraform-exec from reading, and terraform from writing
	}
}

func (s *stream) words() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.tail)
}

func (s *stream) hasSpoken() bool {
	select {
	case <-s.first:
		return true
	default:
		return false
	}
}

type writerFunc func([]byte)

func (f writerFunc) Write(p []byte) (int, error) {
	f(p)
	return len(p), nil
}
