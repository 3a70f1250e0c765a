package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"envoy-proxy-poc/apps/internal/podtest"
)

func TestPeerThatDoesNotPongIsCutOff(t *testing.T) {
	s, clock, url := start(t, unchanged)
	pinged := make(chan struct{})
	ctx, conn := dial(t, url, &websocket.DialOptions{
		OnPingReceived: func(context.Context, []byte) bool { close(pinged); return false }, // keeps the pong back
	})
	lost := make(chan error, 1)
	go func() { _, _, err := conn.Read(ctx); lost <- err }()
	clock.Await(t, 30*time.Second, 30*time.Second)
	clock.Advance(30 * time.Second)
	<-pinged
	clock.Advance(10*time.Second - 1)
	if got := s.connected(); got != 1 {
		t.Errorf("connected = %d before the pong is overdue, want 1", got)
	}
	clock.Advance(1)
	if err := <-lost; ctx.Err() != nil {
		t.Fatalf("reading ended with %v, want a lost connection", err)
	}
	if got := s.noPong.Load(); got != 1 {
		t.Errorf("pong timeouts = %d, want 1", got)
	}
	podtest.Eventually(t, "connected", s.connected, podtest.Is(0))
	if pending := clock.Pending(); len(pending) != 0 {
		t.Errorf("still to happen after %s, want nothing", pending)
	}
}

func TestPeerThatPongsStays(t *testing.T) {
	var pings atomic.Int64
	s, clock, url := start(t, unchanged)
	ctx, conn := dial(t, url,
		&websocket.DialOptions{OnPingReceived: func(context.Context, []byte) bool { pings.Add(1); return true }})
	reading := conn.CloseRead(ctx)
	for n := range 3 {
		clock.Await(t, 30*time.Second, 30*time.Second)
		clock.Advance(30 * time.Second)
		podtest.Eventually(t, "pings", pings.Load, podtest.Is(int64(n)+1))
	}
	clock.Await(t, 30*time.Second, 30*time.Second) // the third pong has come
	if reading.Err() != nil || s.noPong.Load() != 0 {
		t.Errorf("pong timeouts = %d, and the connection ended with %v", s.noPong.Load(), reading.Err())
	}
}

// never does not come, however often a test lets ten seconds pass.
const never = 100_000 * time.Hour

// bare connects to a host without a WebSocket library, so that the peer can misbehave. What it sends after its
// handshake goes in one piece with it.
func bare(host, after string) (net.Conn, error) {
	conn, err := net.Dial("tcp", host)
	if err != nil {
		return nil, err
	}
	_ = conn.SetDeadline(time.Now().Add(podtest.Patience))
	_, err = fmt.Fprintf(conn, handshake+after, host)
	return conn, err
}

func misbehaving(t *testing.T, url, after string) net.Conn {
	t.Helper()
	conn, err := bare(strings.TrimPrefix(url, "ws://"), after)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// handshake asks a host for a WebSocket.
const handshake = "GET / HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"

// Headers of text frames, masked with zeros.
const (
	frameOf5      = "\x81\x85\x00\x00\x00\x00"
	frameOf65535  = "\x81\xfe\xff\xff\x00\x00\x00\x00"
	answerToHello = `"received_message":{"message":"hello"}`
)

func TestMessageInOnePieceWithTheHandshake(t *testing.T) {
	for _, early := range []string{frameOf5 + "hello", strings.Repeat(frameOf5+"hello", 300)} {
		_, _, url := start(t, unchanged)
		conn := misbehaving(t, url, early)
		var got bytes.Buffer
		for strings.Count(got.String(), answerToHello) < strings.Count(early, "hello") {
			some := make([]byte, 64<<10)
			n, err := conn.Read(some)
			if err != nil {
				t.Fatalf("%v after %q", err, got.String())
			}
			got.Write(some[:n])
		}
	}
}

func TestPeerThatDoesNotReadIsCutOff(t *testing.T) {
	s, clock, url := start(t, func(s *server) { s.pingEvery, s.messageWithin = never, never })
	conn := misbehaving(t, url, "")
	sending := make(chan error, 1)
	go func() {
		var err error
		for message := []byte(frameOf65535 + strings.Repeat("x", 65535)); err == nil; {
			_, err = conn.Write(message)
		}
		sending <- err
	}()
	for before := int64(-1); s.slow.Load() == 0; time.Sleep(50 * time.Millisecond) {
		if now := s.received.Load(); now > before {
			before = now // the first answers still fit into the system's buffers
		} else {
			clock.Advance(10 * time.Second)
		}
	}
	if err := <-sending; err == nil {
		t.Error("the peer is still connected")
	}
	podtest.Eventually(t, "connected", s.connected, podtest.Is(0))
	if pending := clock.Pending(); len(pending) != 0 {
		t.Errorf("still to happen after %s, want nothing", pending)
	}
}

func TestPeerThatDoesNotCompleteAMessageIsCutOff(t *testing.T) {
	s, clock, url := start(t, func(s *server) { s.pingEvery = never })
	conn := misbehaving(t, url, frameOf65535+"hello")
	clock.Await(t, 30*time.Second, 30*time.Second)
	clock.Advance(30 * time.Second)
	if _, err := io.Copy(io.Discard, conn); err != nil {
		t.Errorf("the connection ended with %v, want its end", err)
	}
	podtest.Eventually(t, "connected", s.connected, podtest.Is(0))
	if got := s.slow.Load(); got != 1 {
		t.Errorf("slow peers = %d, want 1", got)
	}
}

// brokenClock panics when it is asked for the time of an answer.
type brokenClock struct {
	*podtest.Clock
	broken atomic.Bool
}

func (c *brokenClock) Now() time.Time {
	if c.broken.Swap(false) {
		panic("out of order")
	}
	return c.Clock.Now()
}

func TestPanicEndsOneConnection(t *testing.T) {
	var log bytes.Buffer
	clock := &brokenClock{Clock: podtest.NewClock()}
	s, _, url := start(t, func(s *server) { s.clock, s.log = clock, slog.New(slog.NewJSONHandler(&log, nil)) })
	ctx, one := dial(t, url, nil)
	_, other := dial(t, url, nil)
	clock.broken.Store(true)
	if err := one.Write(ctx, websocket.MessageText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := one.Read(ctx); err == nil || ctx.Err() != nil {
		t.Errorf("reading ended with %v, want a lost connection", err)
	}
	exchange(ctx, t, other, "hello")
	_ = other.CloseNow()
	podtest.Eventually(t, "connected", s.connected, podtest.Is(0))
	s.handlers.Wait()
	if !strings.Contains(log.String(), `"msg":"panic","remote":`) || !strings.Contains(log.String(), "converse") {
		t.Errorf("the log does not say who panicked and where:\n%s", log.String())
	}
}
