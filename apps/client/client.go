package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"

	"envoy-proxy-poc/apps/internal/pod"
)

// client keeps its connections open, each on its own.
type client struct {
	config
	clock   pod.Clock
	log     *slog.Logger
	started time.Time

	dialer       *http.Client  // Defaults to one that follows no redirect: the headers name this pod.
	dialWithin   time.Duration // For the whole handshake. Defaults to 10 s.
	answerWithin time.Duration // From sending a message to its answer. Defaults to 10 s.
	grace        time.Duration // For all goodbyes together. Defaults to 10 s.
	retry        backoff

	*metrics
}

func newClient(cfg config, clock pod.Clock, log *slog.Logger) *client {
	c := &client{
		config:       cfg,
		clock:        clock,
		log:          log,
		started:      clock.Now(),
		dialer:       &http.Client{CheckRedirect: stayHere},
		dialWithin:   10 * time.Second,
		answerWithin: 10 * time.Second,
		grace:        pod.Grace,
		retry:        backoff{first: time.Second, last: time.Minute},
	}
	c.metrics = newMetrics(c)
	return c
}

func stayHere(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// keepAll opens the connections one after the other and keeps them open until ctx ends, then closes them.
func (c *client) keepAll(ctx context.Context) {
	var keepers sync.WaitGroup
	for n := range c.connections {
		if n > 0 && !c.sleep(ctx, c.connectEvery) {
			break
		}
		keepers.Go(func() { c.keep(ctx, fmt.Sprintf("%s-%d", c.clientID, n+1)) })
	}
	<-ctx.Done()
	done := make(chan struct{})
	go func() { keepers.Wait(); close(done) }()
	over, timer := pod.Alarm(c.clock, c.grace)
	defer timer.Stop()
	select {
	case <-done:
	case <-over:
		c.log.Warn("stopping although connections are still open", "connections_open", c.open.Load())
	}
}

// keep tries a connection again, after a pause, whenever it is refused or lost.
func (c *client) keep(ctx context.Context, id string) {
	log := c.log.With("connection_id", id)
	connected, inVain := false, 0
	for ctx.Err() == nil {
		s := session{client: c, id: id, log: log}
		err := s.dial(ctx)
		if err == nil {
			if connected {
				c.reconnects.Add(1)
			}
			connected = true
			err = s.talk(ctx)
		}
		if ctx.Err() != nil {
			return
		}
		inVain++
		if s.answered.Load() {
			inVain = 0
		}
		pause := c.retry.pause(inVain, rand.Float64())
		c.report(log.With("retry_in", pause.String()), err)
		c.sleep(ctx, pause)
	}
}

func (c *client) report(log *slog.Logger, err error) {
	switch status := websocket.CloseStatus(err); status {
	case websocket.StatusNormalClosure, websocket.StatusGoingAway, websocket.StatusServiceRestart,
		websocket.StatusNoStatusRcvd:
		log.Info("closed by the server", "status", int(status))
		return
	}
	if errors.Is(err, errRateLimited) {
		c.rateLimited.Add(1)
	} else {
		c.failures.Add(1)
	}
	log.Warn("connection failed", "reason", pod.Reason(err))
}

// sleep waits, and says whether it did so to the end.
func (c *client) sleep(ctx context.Context, d time.Duration) bool {
	over, timer := pod.Alarm(c.clock, d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-over:
		return true
	}
}

func (c *client) uptime() time.Duration { return c.clock.Now().Sub(c.started) }

// backoff decides how long to wait before a connection is tried again. No setting shortens it.
type backoff struct {
	first time.Duration // after a connection that worked, or one failure
	last  time.Duration // after many
}

// pause doubles with every attempt in vain. random, in [0, 1), takes off up to half, so that clients spread.
func (b backoff) pause(inVain int, random float64) time.Duration {
	full := b.first
	for range inVain - 1 {
		full = min(2*full, b.last)
		if full == b.last {
			break
		}
	}
	return full - time.Duration(random*float64(full/2))
}
