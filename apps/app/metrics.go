package main

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"envoy-proxy-poc/apps/internal/pod"
)

// metrics is what /metrics says.
type metrics struct {
	registry pod.Metrics

	accepted, refused, received, notJSON, noPong, slow *atomic.Int64

	handling prometheus.Histogram
}

func newMetrics(s *server) metrics {
	registry := pod.NewMetrics("app", version)
	registry.Gauge("app_connected_clients", "WebSocket connections open now.",
		func() float64 { return float64(s.connected()) })
	registry.Gauge("app_ready", "1 while new connections are taken, 0 while draining.", func() float64 {
		if s.isDraining() {
			return 0
		}
		return 1
	})
	registry.Gauge("app_uptime_seconds", "Seconds since the server started.",
		func() float64 { return s.uptime().Seconds() })
	return metrics{
		registry: registry,
		accepted: registry.Counter("app_connections_total", "WebSocket connections accepted."),
		refused: registry.Counter("app_connections_refused_total",
			"Handshakes answered with 503: draining, or too many connections."),
		received: registry.Counter("app_messages_received_total", "Text messages received."),
		notJSON:  registry.Counter("app_messages_invalid_total", "Messages that began with a brace and were not JSON."),
		noPong:   registry.Counter("app_pong_timeouts_total", "Connections cut off because no pong came."),
		slow: registry.Counter("app_slow_peers_total",
			"Connections cut off because a message took too long to come, or an answer to go."),
		handling: registry.Histogram("app_message_handling_seconds",
			"From having read a message to having written its answer.",
			prometheus.ExponentialBuckets(10e-6, 4, 11)), // 10 µs to 10 s
	}
}
