package pod

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
)

// Metric is one number for Prometheus.
type Metric struct {
	Name  string
	Help  string
	Type  string // "counter" or "gauge"
	Value float64
}

// Counter is a number that only grows. By Prometheus' convention its name ends in "_total".
func Counter(name, help string, value int64) Metric {
	return Metric{Name: name, Help: help, Type: "counter", Value: float64(value)}
}

// Gauge is a number that goes up and down.
func Gauge(name, help string, value float64) Metric {
	return Metric{Name: name, Help: help, Type: "gauge", Value: value}
}

// WriteMetrics answers a scrape in Prometheus' text format, version 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/).
func WriteMetrics(w http.ResponseWriter, metrics ...Metric) {
	var text bytes.Buffer
	for _, m := range metrics {
		value := strconv.FormatFloat(m.Value, 'f', -1, 64)
		fmt.Fprintf(&text, "# HELP %s %s\n# TYPE %s %s\n%s %s\n", m.Name, m.Help, m.Name, m.Type, m.Name, value)
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(text.Bytes()) // the only error is a peer that has gone
}
