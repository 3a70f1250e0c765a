package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"envoy-proxy-poc/apps/internal/pod"
)

// peer is one open connection.
type peer struct {
	server *server
	conn   *websocket.Conn
	cut    context.CancelCauseFunc // ends the connection without a handshake, for a reason
	socket net.Conn                // the library bounds only parts of its closing handshake
	log    *slog.Logger

	mu   sync.Mutex
	next pod.Timer // for the next ping
}

// serve answers messages until the connection ends, and logs why it did.
func (p *peer) serve(ctx context.Context) {
	defer p.end()
	p.log.Info("connected")
	p.pingLater(ctx)
	err := p.converse(ctx)
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if p.expected(err) {
		p.log.Info("disconnected", "status", int(websocket.CloseStatus(err)))
		return
	}
	p.log.Warn("connection lost", "reason", pod.Reason(err))
}

// end leaves nothing of the connection behind. A panic is the end of one connection, as in net/http, not of all.
func (p *peer) end() {
	if fault := recover(); fault != nil {
		p.log.Error("panic", "fault", fmt.Sprint(fault), "stack", string(debug.Stack()))
	}
	p.cut(nil)
	p.stopPinging()
	_ = p.conn.CloseNow()
	p.server.leave(p)
}

// expected tells a connection's normal end from a fault.
func (p *peer) expected(err error) bool {
	switch websocket.CloseStatus(err) {
	case websocket.StatusNormalClosure, websocket.StatusGoingAway, websocket.StatusNoStatusRcvd:
		return true
	}
	return p.server.isDraining() && !errors.Is(err, errGraceOver)
}

// converse answers messages in order. It returns why it ended, never nil.
func (p *peer) converse(ctx context.Context) error {
	for {
		if err := p.exchange(ctx); err != nil {
			return err
		}
	}
}

func (p *peer) exchange(ctx context.Context) error {
	s := p.server
	kind, message, release, err := p.read(ctx)
	defer release()
	switch {
	case errors.Is(err, websocket.ErrMessageTooBig):
		release() // the closing handshake holds no message
		return p.refuse(websocket.StatusMessageTooBig, "messages are at most 1 MiB")
	case err != nil:
		return err
	case kind != websocket.MessageText:
		return p.refuse(websocket.StatusUnsupportedData, "messages are text")
	case !utf8.Valid(message): // RFC 6455, section 8.1; the library leaves this to its user
		return p.refuse(websocket.StatusInvalidFramePayloadData, "text is UTF-8")
	}
	s.received.Add(1)
	now := s.clock.Now()
	a := answerTo(message, s.identity, now)
	if a.Error != "" {
		s.notJSON.Add(1)
	}
	if err := p.write(ctx, a); err != nil {
		return err
	}
	s.handling.Observe(s.clock.Now().Sub(now).Seconds())
	return nil
}

// read waits for a message. Once one has begun it must come to its end in time, the wait for its turn included if it is
// large. release is to be called when the message and its answer are done with.
func (p *peer) read(ctx context.Context) (kind websocket.MessageType, text []byte, release func(), err error) {
	s := p.server
	release = func() {}
	kind, message, err := p.conn.Reader(ctx)
	if err != nil {
		return 0, nil, release, err
	}
	overdue := s.clock.AfterFunc(s.messageWithin, func() {
		s.slow.Add(1)
		p.cut(fmt.Errorf("the message was not complete within %s", s.messageWithin))
	})
	defer overdue.Stop()
	text, err = io.ReadAll(io.LimitReader(message, smallMessage))
	if err != nil || len(text) < smallMessage {
		return kind, text, release, err
	}
	select {
	case s.large <- struct{}{}:
		release = sync.OnceFunc(func() { <-s.large })
	case <-ctx.Done():
		return 0, nil, release, ctx.Err()
	}
	text, err = io.ReadAll(io.MultiReader(bytes.NewReader(text), message))
	return kind, text, release, err
}

// write sends an answer. A peer that does not take it in time is cut off.
func (p *peer) write(ctx context.Context, a answer) error {
	s := p.server
	text, err := encode(a)
	if err != nil {
		return fmt.Errorf("encoding an answer: %w", err)
	}
	overdue := s.clock.AfterFunc(s.writeWithin, func() {
		s.slow.Add(1)
		p.cut(fmt.Errorf("the peer did not take an answer within %s", s.writeWithin))
	})
	defer overdue.Stop()
	return p.conn.Write(ctx, websocket.MessageText, text)
}

func (p *peer) goodbye() { p.close(websocket.StatusGoingAway, "the server is shutting down") }

// refuse closes the connection because of what the peer sent.
func (p *peer) refuse(code websocket.StatusCode, reason string) error {
	p.close(code, reason)
	return fmt.Errorf("closed with %d: %s", code, reason)
}

// close does the closing handshake. It discards what the peer still sends for a while: closing a socket with unread
// bytes is a reset, and a proxy that meets a reset may not pass the close frame on.
func (p *peer) close(code websocket.StatusCode, reason string) {
	err := p.socket.SetReadDeadline(time.Now().Add(p.server.closeWithin))
	if err != nil && !errors.Is(err, net.ErrClosed) {
		p.log.Warn("closing without a deadline", "reason", err.Error())
	}
	_ = p.conn.Close(code, reason) // a peer that has gone, or says goodbye in its own way
}

func (p *peer) pingLater(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ctx.Err() == nil {
		p.next = p.server.clock.AfterFunc(p.server.pingEvery, func() { p.ping(ctx) })
	}
}

func (p *peer) stopPinging() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next != nil {
		p.next.Stop()
	}
}

// ping cuts the connection off when no pong comes in time. A timer runs it: no idle connection has a goroutine for it.
func (p *peer) ping(ctx context.Context) {
	s := p.server
	overdue := s.clock.AfterFunc(s.pongWithin, func() {
		s.noPong.Add(1)
		p.cut(fmt.Errorf("no pong within %s", s.pongWithin))
	})
	err := p.conn.Ping(ctx)
	overdue.Stop()
	if err == nil { // else the connection has ended: converse knows why
		p.pingLater(ctx)
	}
}
