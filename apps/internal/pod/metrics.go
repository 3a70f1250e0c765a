package pod

import (
	"log/slog"
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is what Prometheus is told of a program, in a registry of its own.
type Metrics struct{ *prometheus.Registry }

// NewMetrics returns the metrics of a program: the prefix begins the names, the version labels a gauge.
func NewMetrics(prefix, version string) Metrics {
	m := Metrics{prometheus.NewRegistry()}
	m.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name:        prefix + "_build_info",
		Help:        "1, with the version as a label.",
		ConstLabels: prometheus.Labels{"version": version},
	}, func() float64 { return 1 }))
	return m
}

// Counter is a number that only grows, and that the program can read too.
func (m Metrics) Counter(name, help string) *atomic.Int64 {
	n := new(atomic.Int64)
	m.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help},
		func() float64 { return float64(n.Load()) }))
	return n
}

// Gauge is a number that goes up and down. It is asked at every scrape.
func (m Metrics) Gauge(name, help string, value func() float64) {
	m.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
}

// Histogram counts how long something took, in seconds. By Prometheus' convention its name ends in "_seconds".
func (m Metrics) Histogram(name, help string, buckets []float64) prometheus.Histogram {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets})
	m.MustRegister(h)
	return h
}

// Handler answers a scrape.
func (m Metrics) Handler(log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(m, promhttp.HandlerOpts{ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)})
}
