package main

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"envoy-proxy-poc/apps/internal/pod"
)

type healthReport struct {
	Status           string  `json:"status"` // "healthy", or "draining" after SIGTERM
	Timestamp        string  `json:"timestamp"`
	PodIP            string  `json:"pod_ip"`
	PodName          string  `json:"pod_name"`
	ConnectedClients int     `json:"connected_clients"`
	Uptime           float64 `json:"uptime"` // seconds
}

// health serves what Kubernetes and Prometheus ask.
func (s *server) health() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", s.serveHealth)
	mux.HandleFunc("GET /ready", s.serveReady)
	mux.Handle("GET /metrics", s.registry.Handler(s.log))
	return mux
}

// serveHealth says 200 while draining too: a liveness probe that failed then would have the pod killed mid-goodbye.
func (s *server) serveHealth(w http.ResponseWriter, _ *http.Request) {
	status := "healthy"
	if s.isDraining() {
		status = "draining"
	}
	pod.WriteJSON(w, http.StatusOK, healthReport{
		Status:           status,
		Timestamp:        pod.Timestamp(s.clock.Now()),
		PodIP:            s.identity.IP,
		PodName:          s.identity.Name,
		ConnectedClients: s.connected(),
		Uptime:           s.uptime().Seconds(),
	})
}

func (s *server) serveReady(w http.ResponseWriter, _ *http.Request) {
	if s.isDraining() {
		pod.WriteJSON(w, http.StatusServiceUnavailable, map[string]string{"status": "draining"})
		return
	}
	pod.WriteJSON(w, http.StatusOK, map[string]string{"status": "ready"})
}

func (s *server) uptime() time.Duration { return s.clock.Now().Sub(s.started) }

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
