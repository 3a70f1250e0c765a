package main

import (
	"fmt"
	"io"
	"log/slog"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"envoy-proxy-poc/apps/internal/pod"
)

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

// latency is how long answers take: for Prometheus, and for the summary at the end.
type latency struct {
	histogram prometheus.Histogram

	mu      sync.Mutex
	longest time.Duration
}

func newLatency(registry pod.Metrics) *latency {
	return &latency{histogram: registry.Histogram("client_answer_seconds", "From sending a message to its answer.",
		prometheus.ExponentialBuckets(100e-6, math.Sqrt2, 35))} // 100 µs to 13 s, two buckets a doubling
}

func (l *latency) observe(d time.Duration) {
	l.histogram.Observe(d.Seconds())
	l.mu.Lock()
	defer l.mu.Unlock()
	l.longest = max(l.longest, d)
}

type distribution struct {
	count   uint64
	buckets []bucket
	longest time.Duration
}

// bucket counts what took at most this long, and longer than the bucket before.
type bucket struct {
	atMost time.Duration
	count  uint64
}

func (l *latency) read() (distribution, error) {
	var m dto.Metric
	if err := l.histogram.Write(&m); err != nil {
		return distribution{}, fmt.Errorf("reading the histogram: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	d := distribution{count: m.GetHistogram().GetSampleCount(), longest: l.longest}
	var before uint64
	for _, b := range m.GetHistogram().GetBucket() {
		count := b.GetCumulativeCount()
		d.buckets = append(d.buckets,
			bucket{atMost: time.Duration(b.GetUpperBound() * float64(time.Second)), count: count - before})
		before = count
	}
	d.buckets = append(d.buckets, bucket{atMost: l.longest, count: d.count - before})
	return d, nil
}

// quantile is how long the fastest part of all took, where part is from 0 to 1, off by at most a bucket's width.
func (d distribution) quantile(part float64) time.Duration {
	rank := part * float64(d.count)
	var from time.Duration
	for _, b := range d.buckets {
		if n := float64(b.count); n > 0 && rank <= n {
			return from + time.Duration(rank/n*float64(min(b.atMost, d.longest)-from))
		}
		rank -= float64(b.count)
		from = b.atMost
	}
	return d.longest
}
