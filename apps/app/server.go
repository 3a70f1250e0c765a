package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"

	"envoy-proxy-poc/apps/internal/pod"
)

const (
	maxMessage   = 1 << 20 // bytes; a larger message closes its connection with 1009
	smallMessage = 2 << 10 // bytes that each connection may hold of a message
	// largeMessages is how many longer messages are handled at a time. The others wait with their bytes on the network:
	// one of 1 MiB can take 20 MB of memory, as JSON writes a control character in six.
	largeMessages = 4
)

var errGraceOver = errors.New("the peer did not close within the grace period")

// server answers WebSocket connections on every path. It is an http.Handler.
type server struct {
	config
	clock   pod.Clock
	log     *slog.Logger
	started time.Time

	pingEvery     time.Duration // Defaults to 30 s.
	pongWithin    time.Duration // Defaults to 10 s.
	messageWithin time.Duration // From a message's first frame to its end. Defaults to 30 s.
	writeWithin   time.Duration // A peer that takes an answer more slowly is cut off. Defaults to 10 s.
	closeWithin   time.Duration // For the peer's half of the closing handshake. Defaults to 5 s.

	large chan struct{} // has an entry for each large message that is read or answered now

	mu       sync.Mutex
	draining bool
	peers    map[*peer]struct{}
	entered  int // peers, and handshakes on the way to be one
	handlers sync.WaitGroup

	metrics
}

func newServer(cfg config, clock pod.Clock, log *slog.Logger) *server {
	s := &server{
		config:        cfg,
		clock:         clock,
		log:           log,
		started:       clock.Now(),
		pingEvery:     30 * time.Second,
		pongWithin:    10 * time.Second,
		messageWithin: 30 * time.Second,
		writeWithin:   10 * time.Second,
		closeWithin:   5 * time.Second,
		large:         make(chan struct{}, largeMessages),
		peers:         map[*peer]struct{}{},
	}
	s.metrics = newMetrics(s)
	return s
}

// ServeHTTP upgrades a request. The connection is then served on a goroutine of its own: net/http's would keep the
// request and its buffers, most of the memory of an idle connection.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if reason := s.enter(); reason != "" {
		s.refused.Add(1)
		w.Header().Set("Retry-After", "1")
		http.Error(w, reason, http.StatusServiceUnavailable)
		return
	}
	up := &upgrade{ResponseWriter: w}
	// The library's default lets a browser connect only from pages of the host it asked for. Compression, whose windows
	// would stay with the connection, is off by default.
	conn, err := websocket.Accept(up, r, nil)
	if err != nil {
		s.log.Info("handshake refused", "remote", r.RemoteAddr, "reason", pod.Reason(err))
		s.exit()
		return
	}
	conn.SetReadLimit(maxMessage)
	p := &peer{server: s, conn: conn, socket: up.socket, log: s.log.With("remote", r.RemoteAddr,
		"client_id", pod.Name(r.Header.Get("X-Client-ID")),
		"connection_id", pod.Name(r.Header.Get("X-Connection-ID")))}
	// The request's context ends with this method.
	ctx, cut := context.WithCancelCause(context.Background())
	p.cut = cut
	s.join(p)
	go p.serve(ctx)
}

// enter counts a handshake in, or says why it is refused.
func (s *server) enter() (refusal string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.draining:
		return "this server is shutting down"
	case s.entered >= s.maxConnections:
		return "this server has as many connections as it takes"
	}
	s.entered++
	s.handlers.Add(1)
	return ""
}

func (s *server) exit() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entered--
	s.handlers.Done()
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
	delete(s.peers, p)
	s.mu.Unlock()
	s.exit()
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

// drain makes the server not ready. Open connections stay until shutdown.
func (s *server) drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draining = true
}

// shutdown closes every connection with 1001, all at the same time, and cuts off those still open when ctx ends.
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
