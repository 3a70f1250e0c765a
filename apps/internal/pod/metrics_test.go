package pod_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"envoy-proxy-poc/apps/internal/pod"
)

func TestMetrics(t *testing.T) {
	m := pod.NewMetrics("test", "v1.2.3")
	m.Counter("test_sent_total", "Messages sent.").Add(12345678)
	m.Gauge("test_uptime_seconds", "Seconds.", func() float64 { return 0.5 })
	m.Histogram("test_answer_seconds", "Seconds to an answer.", []float64{0.1, 1}).Observe(0.5)

	w := httptest.NewRecorder()
	m.Handler(slog.New(slog.DiscardHandler)).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{
		"# HELP test_sent_total Messages sent.\n# TYPE test_sent_total counter\ntest_sent_total 1.2345678e+07\n",
		"# HELP test_uptime_seconds Seconds.\n# TYPE test_uptime_seconds gauge\ntest_uptime_seconds 0.5\n",
		"# TYPE test_answer_seconds histogram\ntest_answer_seconds_bucket{le=\"0.1\"} 0\n" +
			"test_answer_seconds_bucket{le=\"1\"} 1\n",
		"\ntest_build_info{version=\"v1.2.3\"} 1\n", "\ngo_goroutines ", "\nprocess_open_fds ",
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("a scrape lacks %q:\n%s", want, w.Body)
		}
	}
	if got, want := w.Header().Get("Content-Type"), "text/plain; version=0.0.4"; !strings.HasPrefix(got, want) {
		t.Errorf("Content-Type = %q, want %q", got, want)
	}
}
