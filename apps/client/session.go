package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"envoy-proxy-poc/apps/internal/pod"
)

const maxAnswer = 1 << 20 // bytes of an answer; the client's own messages, which answers repeat, are far smaller

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
	options := &websocket.DialOptions{HTTPClient: c.dialer, HTTPHeader: header}
	conn, response, err := websocket.Dial(ctx, c.endpoint.String(), options) //nolint:bodyclose // the library closes it
	if err == nil {
		conn.SetReadLimit(maxAnswer)
		s.conn = conn
		return nil
	}
	limits := []int{http.StatusTooManyRequests, http.StatusServiceUnavailable}
	if response != nil && slices.Contains(limits, response.StatusCode) {
		return fmt.Errorf("%w: status %d", errRateLimited, response.StatusCode)
	}
	return fmt.Errorf("connecting to %q: %w", c.endpoint.Redacted(), err)
}

// talk keeps a conversation until the connection ends, and returns why it did: nil when ctx ended, after a goodbye.
func (s *session) talk(ctx context.Context) error {
	c := s.client
	c.open.Add(1)
	defer c.open.Add(-1)
	defer func() { _ = s.conn.CloseNow() }()
	s.log.Info("connected")
	// The library drops a connection whose context ends. Reading goes on until the goodbye is said.
	reading, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	err := s.converse(ctx, reading)
	if ctx.Err() != nil {
		return s.goodbye()
	}
	return err
}

// converse sends a message at once, waits for its answer, pauses, and so on. It returns why it ended, never nil.
func (s *session) converse(ctx, reading context.Context) error {
	c := s.client
	answers, lost := make(chan time.Time, 1), make(chan error, 1)
	go func() { lost <- s.listen(reading, answers) }()
	for n := 1; ; n++ {
		select {
		case <-answers: // one too many: it is not the next message's
		default:
		}
		sent := c.clock.Now()
		if err := s.send(reading, n); err != nil {
			return endOf(lost, err)
		}
		answered, err := s.wait(ctx, c.answerWithin, answers, lost)
		if err != nil {
			return err
		}
		if answered.IsZero() {
			return fmt.Errorf("no answer to message %d within %s", n, c.answerWithin)
		}
		c.latency.observe(answered.Sub(sent))
		if _, err := s.wait(ctx, c.messageMin+rand.N(c.messageMax-c.messageMin+1), nil, lost); err != nil {
			return err
		}
	}
}

// wait returns when an answer came, or the zero time after d without one. It fails if the connection or ctx ends.
func (s *session) wait(
	ctx context.Context, d time.Duration, answers <-chan time.Time, lost <-chan error,
) (time.Time, error) {
	over, timer := pod.Alarm(s.client.clock, d)
	defer timer.Stop()
	select {
	case at := <-answers:
		return at, nil
	case err := <-lost:
		return time.Time{}, err
	case <-over:
		return time.Time{}, nil
	case <-ctx.Done():
		return time.Time{}, ctx.Err()
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

func (s *session) goodbye() error {
	_ = s.conn.Close(websocket.StatusNormalClosure, "the client is stopping") // a peer that has gone does not matter now
	s.log.Info("closed")
	return nil
}
