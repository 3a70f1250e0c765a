package main

import (
	"net/http"
	"sync/atomic"

	"envoy-proxy-poc/apps/internal/pod"
)

type healthReport struct {
	Status          string  `json:"status"` // always "healthy": a restart would not bring back a server that is away
	Timestamp       string  `json:"timestamp"`
	ClientID        string  `json:"client_id"`
	PodIP           string  `json:"pod_ip"`
	PodName         string  `json:"pod_name"`
	ConnectionsOpen int64   `json:"connections_open"`
	MessagesSent    int64   `json:"messages_sent"`
	Answers         int64   `json:"answers"`
	Reconnects      int64   `json:"reconnects"`
	RateLimited     int64   `json:"rate_limited"`
	Failures        int64   `json:"failures"`
	Uptime          float64 `json:"uptime"` // seconds
}

// health serves what Kubernetes and Prometheus ask.
func (c *client) health() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", c.serveHealth)
	mux.Handle("GET /metrics", c.registry.Handler(c.log))
	return mux
}

func (c *client) serveHealth(w http.ResponseWriter, _ *http.Request) {
	pod.WriteJSON(w, http.StatusOK, healthReport{
		Status:          "healthy",
		Timestamp:       pod.Timestamp(c.clock.Now()),
		ClientID:        c.clientID,
		PodIP:           c.identity.IP,
		PodName:         c.identity.Name,
		ConnectionsOpen: c.open.Load(),
		MessagesSent:    c.sent.Load(),
		Answers:         c.answers.Load(),
		Reconnects:      c.reconnects.Load(),
		RateLimited:     c.rateLimited.Load(),
		Failures:        c.failures.Load(),
		Uptime:          c.uptime().Seconds(),
	})
}

// metrics is what /metrics says, and in parts /health and the summary.
type metrics struct {
	registry pod.Metrics

	open                                             atomic.Int64
	sent, answers, reconnects, rateLimited, failures *atomic.Int64

	latency *latency
}

func newMetrics(c *client) *metrics {
	registry := pod.NewMetrics("client", version)
	m := &metrics{
		registry:    registry,
		sent:        registry.Counter("client_messages_sent_total", "Messages sent."),
		answers:     registry.Counter("client_answers_total", "Answers received."),
		reconnects:  registry.Counter("client_reconnects_total", "Connections opened again after a loss."),
		rateLimited: registry.Counter("client_rate_limited_total", "Handshakes answered with 429 or 503."),
		failures: registry.Counter("client_failures_total",
			"Connections refused or lost for another reason than a rate limit or a normal close."),
		latency: newLatency(registry),
	}
	registry.Gauge("client_connections_open", "WebSocket connections open now.",
		func() float64 { return float64(m.open.Load()) })
	registry.Gauge("client_uptime_seconds", "Seconds since the client started.",
		func() float64 { return c.uptime().Seconds() })
	return m
}
