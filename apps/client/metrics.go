package main

import (
	"sync/atomic"

	"envoy-proxy-poc/apps/internal/pod"
)

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
