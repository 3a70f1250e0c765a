package main

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
)

// summary is what the client says when it ends.
type summary struct {
	uptime                                           time.Duration
	sent, answers, reconnects, rateLimited, failures int64
	latency                                          distribution
}

func (c *client) sum() summary {
	latency, err := c.latency.read()
	if err != nil {
		c.log.Warn("summing up", "reason", err.Error())
	}
	return summary{
		uptime:      c.uptime(),
		sent:        c.sent.Load(),
		answers:     c.answers.Load(),
		reconnects:  c.reconnects.Load(),
		rateLimited: c.rateLimited.Load(),
		failures:    c.failures.Load(),
		latency:     latency,
	}
}

// attributes is the summary as a line of the log has it. Without an answer there are no latencies.
func (s summary) attributes() []slog.Attr {
	all := []slog.Attr{
		slog.Float64("uptime", s.uptime.Seconds()),
		slog.Int64("messages_sent", s.sent),
		slog.Int64("answers", s.answers),
		slog.Int64("reconnects", s.reconnects),
		slog.Int64("rate_limited", s.rateLimited),
		slog.Int64("failures", s.failures),
	}
	if s.latency.count == 0 {
		return all
	}
	return append(all,
		slog.Float64("p50_ms", milliseconds(s.latency.quantile(0.50))),
		slog.Float64("p90_ms", milliseconds(s.latency.quantile(0.90))),
		slog.Float64("p99_ms", milliseconds(s.latency.quantile(0.99))),
		slog.Float64("max_ms", milliseconds(s.latency.longest)))
}

// draw writes the summary for a person: the counters, and how long answers took.
func (s summary) draw(w io.Writer) {
	fmt.Fprintf(w, "%d sent, %d answered, %d reconnected, %d rate limited, %d failed in %s\n",
		s.sent, s.answers, s.reconnects, s.rateLimited, s.failures, s.uptime.Round(time.Millisecond))
	if s.latency.count == 0 {
		return
	}
	fmt.Fprintf(w, "\n%12s  %8s\n", "ANSWER IN", "COUNT")
	for _, b := range s.latency.filled() {
		line := fmt.Sprintf("%9.2f ms  %8d  %s", milliseconds(b.atMost), b.count, s.latency.bar(b))
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
	fmt.Fprintf(w, "\np50 %.2f ms, p90 %.2f ms, p99 %.2f ms, max %.2f ms\n", milliseconds(s.latency.quantile(0.50)),
		milliseconds(s.latency.quantile(0.90)), milliseconds(s.latency.quantile(0.99)), milliseconds(s.latency.longest))
}

// filled is the buckets from the first to the last that have counted something.
func (d distribution) filled() []bucket {
	first, last := len(d.buckets), 0
	for i, b := range d.buckets {
		if b.count > 0 {
			first, last = min(first, i), i+1
		}
	}
	return d.buckets[min(first, last):last]
}

// bar draws a bucket's count, against the fullest bucket's of 40 columns. What is not nothing is seen.
func (d distribution) bar(b bucket) string {
	var most uint64
	for _, other := range d.buckets {
		most = max(most, other.count)
	}
	return strings.Repeat("#", int((b.count*40+most-1)/most))
}

// milliseconds keeps hundredths: more than the histogram knows.
func milliseconds(d time.Duration) float64 {
	return float64(d.Round(10*time.Microsecond)) / float64(time.Millisecond)
}
