package pod_test

import (
	"net/http/httptest"
	"testing"

	"envoy-proxy-poc/apps/internal/pod"
)

func TestWriteMetrics(t *testing.T) {
	w := httptest.NewRecorder()
	pod.WriteMetrics(w, pod.Counter("sent_total", "Messages sent.", 12345678), pod.Gauge("uptime_seconds", "Seconds.", 0.5))
	want := `# HELP sent_total Messages sent.
# TYPE sent_total counter
sent_total 12345678
# HELP uptime_seconds Seconds.
# TYPE uptime_seconds gauge
uptime_seconds 0.5
`
	if got := w.Body.String(); got != want {
		t.Errorf("WriteMetrics wrote\n%s\nwant\n%s", got, want)
	}
	if got, want := w.Header().Get("Content-Type"), "text/plain; version=0.0.4; charset=utf-8"; got != want {
		t.Errorf("Content-Type = %q, want %q", got, want)
	}
}
