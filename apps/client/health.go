package main

import (
	"net/http"
	"time"

	"envoy-proxy-poc/apps/internal/pod"
)

// healthReport is the body of /health.
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
	mux.HandleFunc("GET /metrics", c.serveMetrics)
	return mux
}

func (c *client) serveHealth(w http.ResponseWriter, _ *http.Request) {
	now := time.Now()
	pod.WriteJSON(w, http.StatusOK, healthReport{
		Status:          "healthy",
		Timestamp:       pod.Timestamp(now),
		ClientID:        c.clientID,
		PodIP:           c.identity.IP,
		PodName:         c.identity.Name,
		ConnectionsOpen: c.open.Load(),
		MessagesSent:    c.sent.Load(),
		Answers:         c.answers.Load(),
		Reconnects:      c.reconnects.Load(),
		RateLimited:     c.rateLimited.Load(),
		Failures:        c.failures.Load(),
		Uptime:          now.Sub(c.started).Seconds(),
	})
}

func (c *client) serveMetrics(w http.ResponseWriter, _ *http.Request) {
	pod.WriteMetrics(w,
		pod.Gauge("client_connections_open", "WebSocket connections open now.", float64(c.open.Load())),
		pod.Counter("client_messages_sent_total", "Messages sent.", c.sent.Load()),
		pod.Counter("client_answers_total", "Answers received.", c.answers.Load()),
		pod.Counter("client_reconnects_total", "Connections opened again after a loss.", c.reconnects.Load()),
		pod.Counter("client_rate_limited_total", "Handshakes answered with 429 or 503.", c.rateLimited.Load()),
		pod.Counter("client_failures_total", "Connections refused or lost for another reason than a rate limit or a normal close.", c.failures.Load()),
		pod.Gauge("client_uptime_seconds", "Seconds since the client started.", time.Since(c.started).Seconds()),
	)
}
