package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// maxAnswer is the largest answer taken, in bytes. The client's own messages, which answers repeat, are far smaller.
const maxAnswer = 1 << 20

var errRateLimited = errors.New("rate limited")

// session is one connection from its handshake to its end.
type session struct {
	client   *client
	id       string
	log      *slog.Logger
	conn     *websocket.Conn
	answered atomic.Bool // whether an answer has come
}

// dial opens the connection. The error wraps errRateLimited when Envoy, or what stands behind it, asks for fewer.
func (s *session) dial(ctx context.Context) error {
	c := s.client
	ctx, cancel := context.WithTimeout(ctx, c.dialWithin)
	defer cancel()
	header := http.Header{ // sent in this very spelling; a receiver must not care
		"X-Client-ID":     {c.clientID},
		"X-Pod-Name":      {c.identity.Name},
		"X-Pod-IP":        {c.identity.IP},
		"X-Connection-ID": {s.id},
	}
	conn, response, err := websocket.Dial(ctx, c.endpoint.String(), &websocket.DialOptions{HTTPClient: c.dialer, HTTPHeader: header})
	if err == nil {
		conn.SetReadLimit(maxAnswer)
		s.conn = conn
		return nil
	}
	if response != nil && (response.StatusCode == http.StatusTooManyRequests || response.StatusCode == http.StatusServiceUnavailable) {
		return fmt.Errorf("%w: status %d", errRateLimited, response.StatusCode)
	}
	return fmt.Errorf("connecting to %q: %w", c.endpoint.Redacted(), err)
}

// talk sends a message at once, waits for its answer, pauses, and so on. It returns why the connection ended: nil when ctx
// did, after a goodbye.
func (s *session) talk(ctx context.Context) error {
	c := s.client
	c.open.Add(1)
	defer c.open.Add(-1)
	defer func() { _ = s.conn.CloseNow() }()
	s.log.Info("connected")

	// The library drops a connection whose context ends. Reading goes on until the goodbye is said.
	reading, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	answers, lost := make(chan struct{}, 1), make(chan error, 1)
	go func() { lost <- s.listen(reading, answers) }()
	for n := 1; ; n++ {
		if err := s.send(reading, n); err != nil {
			return endOf(lost, err)
		}
		select {
		case <-answers:
		case err := <-lost:
			return err
		case <-time.After(c.answerWithin):
			return fmt.Errorf("no answer to message %d within %s", n, c.answerWithin)
		case <-ctx.Done():
			return s.goodbye()
		}
		select {
		case <-time.After(c.messageMin + rand.N(c.messageMax-c.messageMin+1)):
		case err := <-lost:
			return err
		case <-ctx.Done():
			return s.goodbye()
		}
	}
}

// endOf prefers the reader's word for why a connection ended, which has the close code, to the writer's.
func endOf(lost <-chan error, err error) error {
	select {
	case why := <-lost:
		return why
	case <-time.After(time.Second):
		return err
	}
}

// goodbye closes the connection because the client is stopping.
func (s *session) goodbye() error {
	_ = s.conn.Close(websocket.StatusNormalClosure, "the client is stopping") // a peer that has gone does not matter now
	s.log.Info("closed")
	return nil
}
