package e2e_test

import (
	"slices"
	"testing"
	"time"
)

// The benchmarks BenchmarkVersus… compare the compiled menu with what it replaces, in turns, on the same endpoint.
// `mage bench` runs them; -benchtime 5x sets the number of rounds.

// newBenchWorld makes a world with empty repositories, in which ecr:login has run.
func newBenchWorld(b *testing.B) *world {
	b.Helper()
	w := newServedWorld(b)
	for _, name := range repositories {
		w.create(name)
	}
	w.mage("ecr:login")
	return w
}

// versus times both sides in each round; they take turns in being first. It reports the medians in milliseconds, the
// median of the rounds' ratios with its spread, and the promised ratio (0: none). prepare is not timed.
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

// inTurn is versus for sides that measure themselves, in milliseconds.
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
