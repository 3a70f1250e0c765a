package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"envoy-proxy-poc/apps/internal/pod"
)

// patience bounds what a test waits for; no test passes by waiting it out.
const patience = 30 * time.Second

// start serves a server, changed as the test needs it, and returns it with the URL of its WebSockets.
func start(t *testing.T, change func(*server)) (s *server, url string) {
	t.Helper()
	s = newServer(pod.Identity{Name: "app-7d9", IP: "10.0.0.7"}, slog.New(slog.DiscardHandler))
	change(s)
	listener := httptest.NewServer(s)
	t.Cleanup(listener.Close)
	return s, "ws" + strings.TrimPrefix(listener.URL, "http")
}

func unchanged(*server) {}

func dial(t *testing.T, url string, options *websocket.DialOptions) (context.Context, *websocket.Conn) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	conn, _, err := websocket.Dial(ctx, url, options)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(-1)
	t.Cleanup(func() { _ = conn.CloseNow() })
	return ctx, conn
}

func exchange(ctx context.Context, t *testing.T, conn *websocket.Conn, message string) answer {
	t.Helper()
	if err := conn.Write(ctx, websocket.MessageText, []byte(message)); err != nil {
		t.Fatal(err)
	}
	_, text, err := conn.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var got answer
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("answer %q: %v", text, err)
	}
	return got
}

func TestEveryTextMessageIsAnswered(t *testing.T) {
	s, url := start(t, unchanged)
	ctx, conn := dial(t, url+"/any/path", nil)
	if got := exchange(ctx, t, conn, `{"n":1}`); string(got.Received) != `{"n":1}` || got.PodName != "app-7d9" {
		t.Errorf("answer = %+v", got)
	}
	if got := exchange(ctx, t, conn, `{`); got.Error == "" {
		t.Errorf("answer = %+v, want an error", got)
	}
	largest := strings.Repeat("x", maxMessage)
	if got := exchange(ctx, t, conn, largest); len(got.Received) != len(largest)+len(`{"message":""}`) {
		t.Errorf("of the largest message %d bytes came back", len(got.Received))
	}
	if got := s.connected(); got != 1 {
		t.Errorf("connected = %d, want 1", got)
	}
}

func TestMessagesTheServerDoesNotTake(t *testing.T) {
	for _, test := range []struct {
		name    string
		kind    websocket.MessageType
		message []byte
		want    websocket.StatusCode
	}{
		{"one byte too many", websocket.MessageText, make([]byte, maxMessage+1), websocket.StatusMessageTooBig},
		{"far too large", websocket.MessageText, make([]byte, 16*maxMessage), websocket.StatusMessageTooBig},
		{"binary", websocket.MessageBinary, []byte("{}"), websocket.StatusUnsupportedData},
		{"not UTF-8", websocket.MessageText, []byte("\xff"), websocket.StatusInvalidFramePayloadData},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, url := start(t, unchanged)
			ctx, conn := dial(t, url, nil)
			// The whole message can be written: the server reads on, so that the close frame is not lost in a reset.
			if err := conn.Write(ctx, test.kind, test.message); err != nil {
				t.Error(err)
			}
			_, _, err := conn.Read(ctx)
			if got := websocket.CloseStatus(err); got != test.want {
				t.Errorf("closed with %d (%v), want %d", got, err, test.want)
			}
		})
	}
}

func TestPeerThatDoesNotPongIsCutOff(t *testing.T) {
	s, url := start(t, func(s *server) { s.pingEvery, s.pongWithin = time.Millisecond, time.Millisecond })
	ctx, conn := dial(t, url, &websocket.DialOptions{
		OnPingReceived: func(context.Context, []byte) bool { return false }, // keeps the pong back
	})
	if _, _, err := conn.Read(ctx); err == nil || ctx.Err() != nil {
		t.Fatalf("reading ended with %v, want a lost connection", err)
	}
	if got := s.noPong.Load(); got != 1 {
		t.Errorf("pong timeouts = %d, want 1", got)
	}
}

func TestPeerThatPongsStays(t *testing.T) {
	var pings atomic.Int64
	s, url := start(t, func(s *server) { s.pingEvery, s.pongWithin = time.Millisecond, patience })
	ctx, conn := dial(t, url, &websocket.DialOptions{
		OnPingReceived: func(context.Context, []byte) bool { pings.Add(1); return true },
	})
	for pings.Load() < 3 { // pings are met while an answer is read
		exchange(ctx, t, conn, "hello")
	}
	if got := s.noPong.Load(); got != 0 {
		t.Errorf("pong timeouts = %d, want 0", got)
	}
}

func TestShutdownClosesWith1001(t *testing.T) {
	s, url := start(t, unchanged)
	ctx, conn := dial(t, url, nil)
	exchange(ctx, t, conn, "hello")
	ended := make(chan error, 1)
	go func() { _, _, err := conn.Read(ctx); ended <- err }()
	s.shutdown(ctx)
	if got := websocket.CloseStatus(<-ended); got != websocket.StatusGoingAway {
		t.Errorf("closed with %d, want 1001", got)
	}
	if got := s.connected(); got != 0 {
		t.Errorf("connected = %d, want 0", got)
	}
	_, response, err := websocket.Dial(ctx, url, nil)
	if err == nil || response == nil || response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a new connection got %v (%v), want 503", response, err)
	}
}

func TestShutdownDoesNotWaitForASilentPeer(t *testing.T) {
	s, url := start(t, func(s *server) { s.closeWithin = time.Hour })
	ctx, conn := dial(t, url, nil)
	exchange(ctx, t, conn, "hello")
	over, cancel := context.WithCancel(ctx)
	cancel()
	s.shutdown(over) // the peer reads nothing, so it closes nothing: only the end of the grace period ends this
	s.handlers.Wait()
	if got := s.connected(); got != 0 {
		t.Errorf("connected = %d, want 0", got)
	}
}
