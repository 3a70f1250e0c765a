package e2e_test

import (
	"slices"
	"testing"
	"time"
)

// The benchmarks below Versus run the compiled menu against what it replaces, in turn, on the same endpoint. They are
// what `mage bench` runs; a number of rounds is given with -benchtime 5x.

// versus times both sides in each round, the other one first every second time, and reports medians in milliseconds,
// the median of the rounds' ratios with its spread, and what is promised of it (0: nothing). prepare is not timed.
func versus(b *testing.B, promise float64, prepare, ours, theirs func()) {
	b.Helper()
	side := func(run func()) func() float64 {
		return func() float64 {
			prepare()
			return timed(run)
		}
	}
	inTurn(b, promise, side(ours), side(theirs))
}

// inTurn is versus for sides that take their own time, in milliseconds.
func inTurn(b *testing.B, promise float64, ours, theirs func() float64) {
	b.Helper()
	ours()
	theirs()
	var mine, other, ratios []float64
	for b.Loop() {
		var m, o float64
		if len(mine)%2 == 0 {
			m, o = ours(), theirs()
		} else {
			o, m = theirs(), ours()
		}
		mine, other, ratios = append(mine, m), append(other, o), append(ratios, m/o)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(mine), "ours-ms")
	b.ReportMetric(median(other), "theirs-ms")
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(slices.Min(ratios), "ratio-min")
	b.ReportMetric(slices.Max(ratios), "ratio-max")
	b.ReportMetric(promise, "promise")
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func timed(run func()) float64 {
	began := time.Now()
	run()
	return time.Since(began).Seconds() * 1000
}
