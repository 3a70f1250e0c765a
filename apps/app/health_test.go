package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func get(s *server, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.health().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func TestHealth(t *testing.T) {
	s, url := start(t, unchanged)
	ctx, conn := dial(t, url, nil)
	exchange(ctx, t, conn, "hello")
	var got map[string]any
	if err := json.Unmarshal(get(s, "/health").Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]any{
		"status": "healthy", "pod_ip": "10.0.0.7", "pod_name": "app-7d9", "connected_clients": 1.0,
	} {
		if got[field] != want {
			t.Errorf("%s = %v, want %v", field, got[field], want)
		}
	}
	if stamp, _ := got["timestamp"].(string); !strings.HasSuffix(stamp, "Z") {
		t.Errorf("timestamp = %v, want UTC", got["timestamp"])
	} else if _, err := time.Parse(time.RFC3339, stamp); err != nil {
		t.Error(err)
	}
	if uptime, _ := got["uptime"].(float64); uptime <= 0 {
		t.Errorf("uptime = %v, want seconds", got["uptime"])
	}
}

func TestReadyUntilDraining(t *testing.T) {
	s, _ := start(t, unchanged)
	if got := get(s, "/ready").Code; got != http.StatusOK {
		t.Errorf("/ready = %d, want 200", got)
	}
	s.drain()
	if got := get(s, "/ready").Code; got != http.StatusServiceUnavailable {
		t.Errorf("/ready while draining = %d, want 503", got)
	}
	if got := get(s, "/health"); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), `"draining"`) {
		t.Errorf("/health while draining = %d %s, want 200 and the status", got.Code, got.Body)
	}
	if got := get(s, "/metrics").Body.String(); !strings.Contains(got, "\napp_ready 0\n") {
		t.Errorf("/metrics while draining:\n%s", got)
	}
}

func TestMetrics(t *testing.T) {
	s, url := start(t, unchanged)
	ctx, conn := dial(t, url, nil)
	exchange(ctx, t, conn, "hello")
	exchange(ctx, t, conn, "{")
	got := get(s, "/metrics").Body.String()
	for _, want := range []string{
		"app_connected_clients 1", "app_connections_total 1", "app_messages_received_total 2", "app_messages_invalid_total 1",
		"app_pong_timeouts_total 0", "app_ready 1",
	} {
		if !strings.Contains(got, "\n"+want+"\n") {
			t.Errorf("/metrics lacks %q:\n%s", want, got)
		}
	}
}
