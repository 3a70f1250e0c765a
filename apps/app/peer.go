package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"
)

// peer is one open connection.
type peer struct {
	server   *server
	conn     *websocket.Conn
	cut      context.CancelCauseFunc  // ends the connection without a handshake, for a reason
	deadline *http.ResponseController // the library bounds only parts of its closing handshake
	log      *slog.Logger
}

// serve answers messages until the connection ends, and logs why it did.
func (p *peer) serve(ctx context.Context) {
	defer func() { _ = p.conn.CloseNow() }()
	p.log.Info("connected")
	go p.ping(ctx)
	err := p.converse(ctx)
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if p.expected(err) {
		p.log.Info("disconnected", "status", int(websocket.CloseStatus(err)))
		return
	}
	p.log.Warn("connection lost", "reason", err.Error())
}

// expected tells a connection's normal end from a fault.
func (p *peer) expected(err error) bool {
	switch websocket.CloseStatus(err) {
	case websocket.StatusNormalClosure, websocket.StatusGoingAway, websocket.StatusNoStatusRcvd:
		return true
	}
	return p.server.isDraining() && !errors.Is(err, errGraceOver)
}

// converse reads messages and answers each, in order. It returns why it ended, never nil.
func (p *peer) converse(ctx context.Context) error {
	s := p.server
	for {
		kind, message, err := p.conn.Read(ctx)
		switch {
		case errors.Is(err, websocket.ErrMessageTooBig):
			return p.refuse(websocket.StatusMessageTooBig, "messages are at most 1 MiB")
		case err != nil:
			return err
		case kind != websocket.MessageText:
			return p.refuse(websocket.StatusUnsupportedData, "messages are text")
		case !utf8.Valid(message): // RFC 6455, section 8.1; the library leaves this to its user
			return p.refuse(websocket.StatusInvalidFramePayloadData, "text is UTF-8")
		}
		s.received.Add(1)
		a := answerTo(message, s.identity, time.Now())
		if a.Error != "" {
			s.notJSON.Add(1)
		}
		if err := p.write(ctx, a); err != nil {
			return err
		}
	}
}

func (p *peer) write(ctx context.Context, a answer) error {
	text, err := encode(a)
	if err != nil {
		return fmt.Errorf("encoding an answer: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, p.server.writeWithin)
	defer cancel()
	return p.conn.Write(ctx, websocket.MessageText, text)
}

// ping cuts the connection off when the peer does not answer a ping in time. Pongs are read by converse.
func (p *peer) ping(ctx context.Context) {
	s := p.server
	ticks := time.NewTicker(s.pingEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		waiting, cancel := context.WithTimeout(ctx, s.pongWithin)
		err := p.conn.Ping(waiting)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			s.noPong.Add(1)
			p.cut(fmt.Errorf("no pong within %s", s.pongWithin))
		}
		if err != nil {
			return // the connection has ended: converse knows why
		}
	}
}

// goodbye closes the connection because the server is shutting down.
func (p *peer) goodbye() { p.close(websocket.StatusGoingAway, "the server is shutting down") }

// refuse closes the connection because of what the peer sent.
func (p *peer) refuse(code websocket.StatusCode, reason string) error {
	p.close(code, reason)
	return fmt.Errorf("closed with %d: %s", code, reason)
}

// close does the closing handshake. What the peer still sends is read and thrown away for a while: closing a socket with
// unread bytes in it is a reset, and a proxy that meets a reset may not pass the close frame on.
func (p *peer) close(code websocket.StatusCode, reason string) {
	if err := p.deadline.SetReadDeadline(time.Now().Add(p.server.closeWithin)); err != nil && !errors.Is(err, net.ErrClosed) {
		p.log.Warn("closing without a deadline", "reason", err.Error())
	}
	_ = p.conn.Close(code, reason) // a peer that has gone, or says goodbye in its own way
}
