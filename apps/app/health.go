package main

import (
	"net/http"
	"time"

	"envoy-proxy-poc/apps/internal/pod"
)

// healthReport is the body of /health.
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
	mux.HandleFunc("GET /metrics", s.serveMetrics)
	return mux
}

// serveHealth says 200 while draining too: a liveness probe that failed then would have the pod killed mid-goodbye.
func (s *server) serveHealth(w http.ResponseWriter, _ *http.Request) {
	status := "healthy"
	if s.isDraining() {
		status = "draining"
	}
	now := time.Now()
	pod.WriteJSON(w, http.StatusOK, healthReport{
		Status:           status,
		Timestamp:        pod.Timestamp(now),
		PodIP:            s.identity.IP,
		PodName:          s.identity.Name,
		ConnectedClients: s.connected(),
		Uptime:           now.Sub(s.started).Seconds(),
	})
}

func (s *server) serveReady(w http.ResponseWriter, _ *http.Request) {
	if s.isDraining() {
		pod.WriteJSON(w, http.StatusServiceUnavailable, map[string]string{"status": "draining"})
		return
	}
	pod.WriteJSON(w, http.StatusOK, map[string]string{"status": "ready"})
}

func (s *server) serveMetrics(w http.ResponseWriter, _ *http.Request) {
	ready := 1.0
	if s.isDraining() {
		ready = 0
	}
	pod.WriteMetrics(w,
		pod.Gauge("app_connected_clients", "WebSocket connections open now.", float64(s.connected())),
		pod.Counter("app_connections_total", "WebSocket connections accepted.", s.accepted.Load()),
		pod.Counter("app_messages_received_total", "Text messages received.", s.received.Load()),
		pod.Counter("app_messages_invalid_total", "Messages that began with a brace and were not JSON.", s.notJSON.Load()),
		pod.Counter("app_pong_timeouts_total", "Connections cut off because no pong came.", s.noPong.Load()),
		pod.Gauge("app_ready", "1 while new connections are taken, 0 while draining.", ready),
		pod.Gauge("app_uptime_seconds", "Seconds since the server started.", time.Since(s.started).Seconds()),
	)
}
