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
