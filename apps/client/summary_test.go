package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"envoy-proxy-poc/apps/internal/pod"
)

func latencies(t *testing.T, all ...time.Duration) distribution {
	t.Helper()
	l := newLatency(pod.NewMetrics("test", "dev"))
	for _, d := range all {
		l.observe(d)
	}
	d, err := l.read()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Quantiles are off by less than a bucket, which is 1.42 times as wide as the one before.
func TestQuantiles(t *testing.T) {
	var all []time.Duration
	for n := range 1000 {
		all = append(all, time.Duration(n+1)*time.Millisecond)
	}
	for _, test := range []struct {
		name string
		all  []time.Duration
		part float64
		want time.Duration
	}{
		{"the median of 1 ms to 1 s", all, 0.5, 500 * time.Millisecond},
		{"the last of a hundred", all, 0.99, 990 * time.Millisecond},
		{"one", all[2:3], 0.5, 3 * time.Millisecond},
		{"shorter than any bucket", []time.Duration{time.Microsecond}, 0.99, time.Microsecond},
		{"longer than any bucket", []time.Duration{14 * time.Second}, 0.5, 14 * time.Second},
		{"all of them", all, 1, time.Second},
	} {
		got := latencies(t, test.all...).quantile(test.part)
		if got*10 < test.want*7 || got*10 > test.want*14 {
			t.Errorf("%s: quantile(%v) = %s, want about %s", test.name, test.part, got, test.want)
		}
		if longest := test.all[len(test.all)-1]; got > longest {
			t.Errorf("%s: quantile(%v) = %s, more than the longest, %s", test.name, test.part, got, longest)
		}
	}
}

func TestSummary(t *testing.T) {
	s := summary{uptime: 90 * time.Second, sent: 6, answers: 5, reconnects: 1, rateLimited: 2, failures: 3}
	ms := time.Millisecond
	for _, test := range []struct {
		name        string
		latency     distribution
		drawn, line string
	}{
		{
			"no answer", latencies(t), "6 sent, 5 answered, 1 reconnected, 2 rate limited, 3 failed in 1m30s\n",
			`"uptime":90,"messages_sent":6,"answers":5,"reconnects":1,"rate_limited":2,"failures":3}`,
		},
		{
			"answers", latencies(t, 1*ms, 1*ms, 1*ms, 2*ms, 20*time.Second),
			`6 sent, 5 answered, 1 reconnected, 2 rate limited, 3 failed in 1m30s

   ANSWER IN     COUNT
     1.13 ms         3  ########################################
     1.60 ms         0
     2.26 ms         1  ##############
     3.20 ms         0
`, `"failures":3,"p50_ms":1.08,"p90_ms":`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s.latency = test.latency
			var drawn, line bytes.Buffer
			s.draw(&drawn)
			if !strings.HasPrefix(drawn.String(), test.drawn) {
				t.Errorf("draw wrote\n%s\nwant\n%s", drawn.String(), test.drawn)
			}
			slog.New(slog.NewJSONHandler(&line, nil)).LogAttrs(t.Context(), slog.LevelInfo, "stopped", s.attributes()...)
			if !strings.Contains(line.String(), test.line) {
				t.Errorf("the log says %s, want %s", line.String(), test.line)
			}
		})
	}
}
