package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"envoy-proxy-poc/apps/internal/pod"
	"envoy-proxy-poc/apps/internal/podtest"
)

// start serves a server, changed as the test needs it, and returns it with its clock, which stands still, and the URL
// of its WebSockets.
func start(t *testing.T, change func(*server)) (s *server, clock *podtest.Clock, url string) {
	t.Helper()
	clock = podtest.NewClock()
	cfg := config{maxConnections: 100, identity: pod.Identity{Name: "app-7d9", IP: "10.0.0.7"}}
	s = newServer(cfg, clock, slog.New(slog.DiscardHandler))
	change(s)
	listener := httptest.NewServer(s)
	t.Cleanup(listener.Close)
	return s, clock, "ws" + strings.TrimPrefix(listener.URL, "http")
}

func unchanged(*server) {}

func dial(t *testing.T, url string, options *websocket.DialOptions) (context.Context, *websocket.Conn) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), podtest.Patience)
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
	s, _, url := start(t, unchanged)
	ctx, conn := dial(t, url+"/any/path", nil)
	if got := exchange(ctx, t, conn, `{"n":1}`); fmt.Sprint(got.Received) != "map[n:1]" || got.PodName != "app-7d9" {
		t.Errorf("answer = %+v", got)
	}
	if got := exchange(ctx, t, conn, `{`); got.Error == "" {
		t.Errorf("answer = %+v, want an error", got)
	}
	largest := strings.Repeat("x", maxMessage)
	got := exchange(ctx, t, conn, largest)
	if echo := fmt.Sprint(got.Received); echo != "map[message:"+largest+"]" {
		t.Errorf("of the largest message %d bytes came back", len(echo))
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
			_, _, url := start(t, func(s *server) { s.closeWithin = podtest.Patience })
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

func TestShutdownClosesWith1001(t *testing.T) {
	s, _, url := start(t, unchanged)
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
	s, _, url := start(t, func(s *server) { s.closeWithin = time.Hour })
	ctx, conn := dial(t, url, nil)
	exchange(ctx, t, conn, "hello")
	over, cancel := context.WithCancel(ctx)
	cancel()
	s.shutdown(over) // the peer reads nothing, so it closes nothing: only the end of the grace period ends this
	podtest.Eventually(t, "connected", s.connected, podtest.Is(0))
	s.handlers.Wait()
	if got := s.connected(); got != 0 {
		t.Errorf("connected = %d, want 0", got)
	}
}

func TestNoMoreConnectionsThanItTakes(t *testing.T) {
	s, _, url := start(t, func(s *server) { s.maxConnections = 1 })
	ctx, conn := dial(t, url, nil)
	_, response, err := websocket.Dial(ctx, url, nil)
	if err == nil || response == nil || response.StatusCode != http.StatusServiceUnavailable ||
		response.Header.Get("Retry-After") == "" {
		t.Fatalf("a second connection got %v (%v), want 503 and when to come back", response, err)
	}
	if got := s.refused.Load(); got != 1 {
		t.Errorf("refused = %d, want 1", got)
	}
	// A request that is no handshake takes nobody's place, and who leaves makes room.
	if response, err := http.Get("http" + strings.TrimPrefix(url, "ws")); err != nil || response.Body.Close() != nil {
		t.Error(err)
	}
	if err := conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
	podtest.Eventually(t, "connected", s.connected, podtest.Is(0))
	s.handlers.Wait()
	_, conn = dial(t, url, nil)
	exchange(ctx, t, conn, "hello")
}

func TestBrowsersConnectFromTheServersOwnPagesOnly(t *testing.T) {
	_, _, url := start(t, unchanged)
	own := "http" + strings.TrimPrefix(url, "ws")
	ctx, conn := dial(t, url, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {own}}})
	exchange(ctx, t, conn, "hello")
	_, response, err := websocket.Dial(ctx, url,
		&websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"https://elsewhere.example"}}})
	if err == nil || response == nil || response.StatusCode != http.StatusForbidden {
		t.Errorf("a page from elsewhere got %v (%v), want 403", response, err)
	}
}
