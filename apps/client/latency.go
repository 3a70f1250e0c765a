package main

import (
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"envoy-proxy-poc/apps/internal/pod"
)

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

// distribution is a histogram at rest.
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
