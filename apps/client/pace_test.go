package main

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"

	"envoy-proxy-poc/apps/internal/podtest"
)

// paced changes a client to the pace of the defaults, on a clock that stands still.
func paced(clock *podtest.Clock) func(*client) {
	return func(c *client) {
		c.clock, c.started = clock, clock.Now()
		c.connectEvery, c.messageMin, c.messageMax = 10*time.Second, 10*time.Second, 20*time.Second
		c.retry = backoff{first: time.Second, last: time.Minute}
	}
}

func TestPaceOfConnectionsAndMessages(t *testing.T) {
	clock := podtest.NewClock()
	messages := make(chan string)
	c, stop := start(t, func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Connection-ID")
		accepting(t, func(ctx context.Context, conn *websocket.Conn) {
			for {
				if _, _, err := conn.Read(ctx); err != nil {
					return
				}
				messages <- id
				clock.Advance(3 * time.Millisecond) // the answer's time
				if err := conn.Write(ctx, websocket.MessageText, []byte(goodAnswer)); err != nil {
					return
				}
			}
		})(w, r)
	}, func(c *client) { paced(clock)(c); c.connections = 2 })

	// The first connection says something at once, the second when its time has come.
	if id := <-messages; id != "tester-1" {
		t.Fatalf("the first message is from %s", id)
	}
	eventually(t, "answers", c.answers, 1)
	podtest.Eventually(t, "timers", func() int { return len(clock.Pending()) }, podtest.Is(2)) // a message, a connection
	if got := c.open.Load(); got != 1 {
		t.Errorf("open = %d before the interval is over, want 1", got)
	}
	clock.Advance(20 * time.Second)
	if a, b := <-messages, <-messages; a == b {
		t.Errorf("both messages are from %s, want one from each connection", a)
	}
	eventually(t, "answers", c.answers, 3)
	podtest.Eventually(t, "timers", func() int { return len(clock.Pending()) }, podtest.Is(2)) // two messages
	for _, pause := range clock.Pending() {
		if pause < 10*time.Second || pause > 20*time.Second {
			t.Errorf("the next message is after %s, want 10 to 20 s", pause)
		}
	}
	stop()
	if got := c.latency.longest; got < 3*time.Millisecond || got > 6*time.Millisecond {
		t.Errorf("the longest answer took %s, want 3 to 6 ms", got) // 6 if the other's time passed meanwhile
	}
	if pending := clock.Pending(); len(pending) != 0 {
		t.Errorf("still to happen after %s, want nothing", pending)
	}
}

func TestPaceOfAttemptsInVain(t *testing.T) {
	clock := podtest.NewClock()
	c, _ := start(t, http.NotFound, paced(clock))
	for n, longest := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		eventually(t, "failures", c.failures, int64(n)+1)
		pause := clock.Await(t, longest*time.Second/2, longest*time.Second)
		clock.Advance(pause - 1)
		if got := c.failures.Load(); got != int64(n)+1 {
			t.Errorf("failures = %d before the pause is over, want %d", got, n+1)
		}
		clock.Advance(1)
	}
}

func TestServerThatDoesNotAnswerIsLeft(t *testing.T) {
	clock := podtest.NewClock()
	c, _ := start(t, accepting(t, silent), func(c *client) {
		paced(clock)(c)
		c.answerWithin = 11 * time.Second
	})
	eventually(t, "sent", c.sent, 1)
	clock.Await(t, 11*time.Second, 11*time.Second)
	clock.Advance(11 * time.Second)
	eventually(t, "failures", c.failures, 1)
	podtest.Eventually(t, "open", c.open.Load, podtest.Is(int64(0)))
}

func TestAnswerTooManyIsNotTheNextMessages(t *testing.T) {
	clock := podtest.NewClock()
	c, _ := start(t, accepting(t, func(ctx context.Context, conn *websocket.Conn) {
		_, _, _ = conn.Read(ctx)
		for range 3 {
			_ = conn.Write(ctx, websocket.MessageText, []byte(goodAnswer))
		}
		silent(ctx, conn)
	}), func(c *client) {
		paced(clock)(c)
		c.answerWithin = 30 * time.Second
	})
	eventually(t, "answers", c.answers, 3)
	clock.Await(t, 10*time.Second, 20*time.Second)
	clock.Advance(20 * time.Second)
	eventually(t, "sent", c.sent, 2)
	clock.Await(t, 30*time.Second, 30*time.Second)
	clock.Advance(30 * time.Second)
	eventually(t, "failures", c.failures, 1)
}
