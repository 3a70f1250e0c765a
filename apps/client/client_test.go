package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"envoy-proxy-poc/apps/internal/pod"
	"envoy-proxy-poc/apps/internal/podtest"
)

const goodAnswer = `{"timestamp":"2026-11-23T01:02:03.000Z","pod_ip":"10.0.0.7"}`

// start runs a client, changed as the test needs it, against a handler. stop ends it and waits for it.
func start(t *testing.T, peer http.HandlerFunc, change func(*client)) (c *client, stop func()) {
	t.Helper()
	server := httptest.NewServer(peer)
	t.Cleanup(server.Close)
	c = newClient(config{
		endpoint:     &url.URL{Scheme: "ws", Host: server.Listener.Addr().String()},
		connections:  1,
		connectEvery: time.Millisecond,
		messageMin:   time.Millisecond,
		messageMax:   2 * time.Millisecond,
		clientID:     "tester",
		identity:     pod.Identity{Name: "client-1", IP: "10.0.0.9"},
	}, pod.Wall, slog.New(slog.DiscardHandler))
	c.retry = backoff{first: time.Millisecond, last: time.Millisecond}
	change(c)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { c.keepAll(ctx); close(done) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return c, stop
}

func unchanged(*client) {}

// accepting is a peer that accepts a connection and leaves it to serve.
func accepting(t *testing.T, serve func(ctx context.Context, conn *websocket.Conn)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.CloseNow() }()
		serve(context.WithoutCancel(r.Context()), conn)
	}
}

// answering answers every message, and returns why the connection ended.
func answering(ctx context.Context, conn *websocket.Conn, text string) error {
	for {
		if _, _, err := conn.Read(ctx); err != nil {
			return err
		}
		if err := conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
			return err
		}
	}
}

// silent reads every message and answers none.
func silent(ctx context.Context, conn *websocket.Conn) {
	for {
		if _, _, err := conn.Read(ctx); err != nil {
			return
		}
	}
}

// eventually waits for a counter to reach a number.
func eventually(t *testing.T, name string, counter *atomic.Int64, least int64) {
	t.Helper()
	podtest.Eventually(t, name, counter.Load, podtest.AtLeast(least))
}

func TestWhatTheServerSees(t *testing.T) {
	header, messages := make(chan http.Header, 100), make(chan []byte, 100)
	accept := accepting(t, func(ctx context.Context, conn *websocket.Conn) {
		_, text, err := conn.Read(ctx)
		if err != nil {
			t.Error(err)
		}
		messages <- text
		_ = answering(ctx, conn, goodAnswer)
	})
	start(t, func(w http.ResponseWriter, r *http.Request) { header <- r.Header; accept(w, r) },
		func(c *client) { c.answerWithin = podtest.Patience })
	got := <-header
	for name, want := range map[string]string{
		"X-Client-ID": "tester", "X-Pod-Name": "client-1", "X-Pod-IP": "10.0.0.9", "X-Connection-ID": "tester-1",
	} {
		if got.Get(name) != want {
			t.Errorf("%s = %q, want %q", name, got.Get(name), want)
		}
	}
	var message map[string]string
	if err := json.Unmarshal(<-messages, &message); err != nil {
		t.Fatal(err)
	}
	if _, err := time.Parse(time.RFC3339, message["timestamp"]); err != nil {
		t.Error(err)
	}
	delete(message, "timestamp")
	for field, want := range map[string]string{
		"type": "ping", "client_id": "tester", "pod_name": "client-1", "pod_ip": "10.0.0.9", "connection_id": "tester-1",
		"message": "message 1 of connection tester-1",
	} {
		if message[field] != want {
			t.Errorf("%s = %q, want %q", field, message[field], want)
		}
	}
}

func TestEveryConnectionIsOpenedAndClosedWith1000(t *testing.T) {
	ends := make(chan error, 3)
	c, stop := start(t,
		accepting(t, func(ctx context.Context, conn *websocket.Conn) { ends <- answering(ctx, conn, goodAnswer) }),
		func(c *client) { c.connections, c.answerWithin = 3, podtest.Patience })
	eventually(t, "open", &c.open, 3)
	eventually(t, "answers", c.answers, 9)
	stop()
	for range 3 {
		if err := <-ends; websocket.CloseStatus(err) != websocket.StatusNormalClosure {
			t.Errorf("the server saw %v, want a close with 1000", err)
		}
	}
	if c.open.Load() != 0 || c.failures.Load() != 0 || c.reconnects.Load() != 0 || c.sent.Load() < 9 {
		t.Errorf("open %d, failures %d, reconnects %d, sent %d", c.open.Load(), c.failures.Load(), c.reconnects.Load(),
			c.sent.Load())
	}
}

func TestRateLimitsAreCountedAndTriedAgain(t *testing.T) {
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		var attempts atomic.Int64
		accept := accepting(t, func(ctx context.Context, conn *websocket.Conn) { _ = answering(ctx, conn, goodAnswer) })
		c, stop := start(t, func(w http.ResponseWriter, r *http.Request) {
			if attempts.Add(1) <= 2 {
				w.WriteHeader(status)
				return
			}
			accept(w, r)
		}, unchanged)
		eventually(t, "answers", c.answers, 1)
		stop()
		if c.rateLimited.Load() != 2 || c.failures.Load() != 0 || c.reconnects.Load() != 0 {
			t.Errorf("after %d: rate limited %d, failures %d, reconnects %d, want 2, 0, 0",
				status, c.rateLimited.Load(), c.failures.Load(), c.reconnects.Load())
		}
	}
}

func TestANormalCloseIsNoFailure(t *testing.T) {
	c, stop := start(t, accepting(t, func(_ context.Context, conn *websocket.Conn) {
		_ = conn.Close(websocket.StatusGoingAway, "shutting down")
	}), unchanged)
	eventually(t, "reconnects", c.reconnects, 2)
	stop()
	if got := c.failures.Load(); got != 0 {
		t.Errorf("failures = %d, want 0", got)
	}
}

func TestFailures(t *testing.T) {
	for name, peer := range map[string]http.HandlerFunc{
		"no answer": accepting(t, silent),
		"not JSON": accepting(t, func(ctx context.Context, conn *websocket.Conn) {
			_ = answering(ctx, conn, "hello")
		}),
		"cut off":         accepting(t, func(context.Context, *websocket.Conn) {}),
		"not found":       http.NotFound,
		"no handshake":    func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"handshake break": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := start(t, peer, func(c *client) { c.answerWithin, c.dialWithin = 20*time.Millisecond, 20*time.Millisecond })
			eventually(t, "failures", c.failures, 2) // twice: it was tried again
			if got := c.rateLimited.Load() + c.answers.Load(); got != 0 {
				t.Errorf("rate limited and answers = %d, want 0", got)
			}
		})
	}
}

func TestTLS(t *testing.T) {
	server := httptest.NewTLSServer(accepting(t,
		func(ctx context.Context, conn *websocket.Conn) { _ = answering(ctx, conn, goodAnswer) }))
	defer server.Close()
	c, stop := start(t, http.NotFound, func(c *client) {
		c.endpoint = &url.URL{Scheme: "wss", Host: server.Listener.Addr().String()}
		c.dialer = server.Client() // trusts the server's certificate
	})
	eventually(t, "answers", c.answers, 2)
	stop()
}

func TestHealthAndMetrics(t *testing.T) {
	c, _ := start(t,
		accepting(t, func(ctx context.Context, conn *websocket.Conn) { _ = answering(ctx, conn, goodAnswer) }),
		func(c *client) { c.messageMin, c.messageMax = time.Hour, time.Hour })
	eventually(t, "answers", c.answers, 1)
	eventually(t, "messages sent", c.sent, 1) // an answer can be faster than the count
	w := httptest.NewRecorder()
	c.health().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/health", nil))
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]any{
		"status": "healthy", "client_id": "tester", "pod_name": "client-1", "pod_ip": "10.0.0.9", "connections_open": 1.0,
		"messages_sent": 1.0, "answers": 1.0, "reconnects": 0.0, "rate_limited": 0.0, "failures": 0.0,
	} {
		if got[field] != want {
			t.Errorf("%s = %v, want %v", field, got[field], want)
		}
	}
	podtest.Eventually(t, "observed answers", func() int { // an answer is counted first, and then its time
		w = httptest.NewRecorder()
		c.health().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		return strings.Count(w.Body.String(), "\nclient_answer_seconds_count 1\n")
	}, podtest.Is(1))
	for _, want := range []string{
		"client_connections_open 1", "client_messages_sent_total 1", "client_answers_total 1", "client_reconnects_total 0",
		"client_rate_limited_total 0", "client_failures_total 0", `client_build_info{version="dev"} 1`,
	} {
		if !strings.Contains(w.Body.String(), "\n"+want+"\n") {
			t.Errorf("/metrics lacks %q:\n%s", want, w.Body)
		}
	}
	if problems, err := testutil.GatherAndLint(c.registry); err != nil || len(problems) > 0 {
		t.Errorf("promlint: %v, %v", problems, err)
	}
}

func TestRunRefusesBadSettings(t *testing.T) {
	err := run(t.Context(), pod.Process{Getenv: func(string) string { return "no" }, Clock: pod.Wall})
	if err == nil || !strings.Contains(err.Error(), "\n") {
		t.Errorf("run = %v, want every fault", err)
	}
}
