package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"envoy-proxy-poc/apps/internal/pod"
)

// maxMessage is the largest message taken, in bytes; a larger one closes its connection with 1009.
const maxMessage = 1 << 20

var errGraceOver = errors.New("the peer did not close within the grace period")

// server answers WebSocket connections on every path. It is an http.Handler.
type server struct {
	identity pod.Identity
	log      *slog.Logger
	started  time.Time

	pingEvery   time.Duration // Defaults to 30 s.
	pongWithin  time.Duration // Defaults to 10 s.
	writeWithin time.Duration // A peer that takes an answer more slowly is cut off. Defaults to 10 s.
	closeWithin time.Duration // For the peer's half of the closing handshake. Defaults to 5 s.

	mu       sync.Mutex
	draining bool
	peers    map[*peer]struct{}
	handlers sync.WaitGroup

	accepted, received, notJSON, noPong atomic.Int64
}

func newServer(identity pod.Identity, log *slog.Logger) *server {
	return &server{
		identity:    identity,
		log:         log,
		started:     time.Now(),
		pingEvery:   30 * time.Second,
		pongWithin:  10 * time.Second,
		writeWithin: 10 * time.Second,
		closeWithin: 5 * time.Second,
		peers:       map[*peer]struct{}{},
	}
}

// ServeHTTP upgrades a request and stays until the connection ends.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		http.Error(w, "this server is shutting down", http.StatusServiceUnavailable)
		return
	}
	defer s.handlers.Done()
	// No origin but the server's own may open a connection from a browser: the library's default.
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		s.log.Info("handshake refused", "remote", r.RemoteAddr, "reason", err.Error())
		return
	}
	conn.SetReadLimit(maxMessage)
	// A hijacked connection outlives its request's context: the peer has a context of its own.
	ctx, cut := context.WithCancelCause(context.WithoutCancel(r.Context()))
	defer cut(nil)
	p := &peer{server: s, conn: conn, cut: cut, deadline: http.NewResponseController(w), log: s.log.With(
		"remote", r.RemoteAddr, "client_id", r.Header.Get("X-Client-ID"), "connection_id", r.Header.Get("X-Connection-ID"))}
	s.join(p)
	defer s.leave(p)
	p.serve(ctx)
}

// enter counts a handler in, unless the server is draining.
func (s *server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return false
	}
	s.handlers.Add(1)
	return true
}

func (s *server) join(p *peer) {
	s.accepted.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peers[p] = struct{}{}
	if s.draining { // began during the handshake: shutdown has not seen this peer
		go p.goodbye()
	}
}

func (s *server) leave(p *peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.peers, p)
}

func (s *server) connected() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.peers)
}

func (s *server) isDraining() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.draining
}

// drain makes the server not ready; from now on it takes no new connection. Those that are open stay, until shutdown.
func (s *server) drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draining = true
}

// shutdown closes every connection with 1001, all at the same time, and waits for them. Those still open when ctx ends
// are cut off and not waited for.
func (s *server) shutdown(ctx context.Context) {
	s.drain()
	s.each(func(p *peer) { go p.goodbye() })
	done := make(chan struct{})
	go func() { s.handlers.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
		s.each(func(p *peer) { p.cut(errGraceOver) })
	}
}

func (s *server) each(do func(*peer)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p := range s.peers {
		do(p)
	}
}
