package terraform

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"sync"

	"envoy-proxy-poc/tasks/internal/lines"
)

const tailSize = 64 << 10 // bytes of terraform's stderr, to learn the reason of a failure from

// stream passes terraform's output on and never fails, and keeps what the end of a command is judged by.
type stream struct {
	mu             *sync.Mutex // guards all of this, and the writers
	stdout, stderr io.Writer   // the user's; nil discards

	tail     []byte        // the end of stderr
	first    chan struct{} // closed when terraform has written something
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

// hold keeps stdout from the user until release, or until terraform says more than its version and faults.
func (s *stream) hold() (release func()) {
	if s.stdout == nil {
		return func() {}
	}
	to, open := s.stdout, false
	var held strings.Builder
	pass := func() {
		open = true
		_, _ = io.WriteString(to, held.String())
		held.Reset()
	}
	said := &lines.Writer{Take: func(line string) {
		held.WriteString(line + "\n")
		if open || !preliminary.MatchString(line) {
			pass()
		}
	}}
	s.stdout = said
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		said.Flush()
		pass()
	}
}

var preliminary = regexp.MustCompile(`"type":"(version|diagnostic)"`)

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
	if !closed(s.first) {
		close(s.first)
	}
	if !closed(s.stopping) && bytes.Contains(p, []byte("Interrupt received")) {
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

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
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
