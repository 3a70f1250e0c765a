package pod

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	headerWithin = 10 * time.Second // to send a request's header
	idleWithin   = time.Minute      // between two requests on one connection
	writeWithin  = 10 * time.Second // to take an answer; a hijacked connection is free of it
	maxHeader    = 64 << 10         // bytes of a request's header; Envoy passes on at most 60 KiB
)

// Server is an HTTP server on a port that is already bound.
type Server struct {
	listener net.Listener
	http     *http.Server
}

// Listen binds the address and returns a server for it that does not accept yet.
func Listen(ctx context.Context, address string, handler http.Handler, log *slog.Logger) (*Server, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening on %q: %w", address, err)
	}
	return &Server{listener: listener, http: &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerWithin,
		IdleTimeout:       idleWithin,
		WriteTimeout:      writeWithin,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}}, nil
}

// Address is where the server listens, with the port that the system chose for 0.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Serve accepts connections until Stop or Close, after which it returns nil.
func (s *Server) Serve() error {
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving on %q: %w", s.Address(), err)
	}
	return nil
}

// Stop closes the port at once and waits for requests under way until ctx ends, except hijacked connections.
func (s *Server) Stop(ctx context.Context) {
	if err := s.http.Shutdown(ctx); err != nil {
		s.Close()
	}
}

// Close closes the port and every connection that is not hijacked.
func (s *Server) Close() {
	_ = s.http.Close()
	_ = s.listener.Close() // http.Server knows the listener only once Serve was called
}

// WriteJSON answers a request with v.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the only error is a peer that has gone
}
