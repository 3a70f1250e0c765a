package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"envoy-proxy-poc/apps/internal/podtest"
)

func get(s *server, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.health().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func TestHealth(t *testing.T) {
	s, clock, url := start(t, unchanged)
	ctx, conn := dial(t, url, nil)
	exchange(ctx, t, conn, "hello")
	clock.Advance(1500 * time.Millisecond)
	var got map[string]any
	if err := json.Unmarshal(get(s, "/health").Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]any{
		"status": "healthy", "pod_ip": "10.0.0.7", "pod_name": "app-7d9", "connected_clients": 1.0,
		"timestamp": "2026-11-23T01:02:04.500Z", "uptime": 1.5,
	} {
		if got[field] != want {
			t.Errorf("%s = %v, want %v", field, got[field], want)
		}
	}
}

func TestReadyUntilDraining(t *testing.T) {
	s, _, _ := start(t, unchanged)
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
	s, _, url := start(t, unchanged)
	ctx, conn := dial(t, url, nil)
	exchange(ctx, t, conn, "hello")
	exchange(ctx, t, conn, "{")
	var got string
	// a message is counted when its answer is written, which is about when the answer arrives
	podtest.Eventually(t, "handled messages", func() int {
		got = get(s, "/metrics").Body.String()
		return strings.Count(got, "\napp_message_handling_seconds_count 2\n")
	}, podtest.Is(1))
	for _, want := range []string{
		"app_connected_clients 1", "app_connections_total 1", "app_messages_received_total 2", "app_messages_invalid_total 1",
		"app_pong_timeouts_total 0", "app_slow_peers_total 0", "app_connections_refused_total 0", "app_ready 1",
		"app_uptime_seconds 0", `app_build_info{version="dev"} 1`,
	} {
		if !strings.Contains(got, "\n"+want+"\n") {
			t.Errorf("/metrics lacks %q:\n%s", want, got)
		}
	}
	if problems, err := testutil.GatherAndLint(s.registry); err != nil || len(problems) > 0 {
		t.Errorf("promlint: %v, %v", problems, err)
	}
}
