package dev

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"envoy-proxy-poc/tasks/session"
)

// rounds is how often each side of a comparison runs, after one round that is not counted.
const rounds = 5

// Bench compares this suite with what it replaces and prints a table: medians of both sides, the median of the rounds'
// ratios with its spread, and the ratio that is promised. Programs that are not installed (docker, ko, the AWS CLI) are
// left out. A complete table goes into docs/measured.md.
func Bench(ctx context.Context) error {
	p, err := session.Find()
	if err != nil {
		return err
	}
	var said bytes.Buffer
	err = p.Run(ctx, io.MultiWriter(&said, p.Story()), "go", "test", "./tasks/e2e", "./tasks/registry", "-run=^$",
		"-bench=Versus|ColdStart|Report", fmt.Sprintf("-benchtime=%dx", rounds), "-timeout=60m", "-v")
	if err != nil {
		return fmt.Errorf("running the benchmarks: %w", err)
	}
	lines := benchmarkLines(&said)
	tables := slices.DeleteFunc([]table{
		{[]string{"COMPARISON", "OURS", "THEIRS", "RATIO", "SPREAD", "PROMISED"}, compared(lines)},
		{[]string{"FIRST COMPILATION", "TOOK", "OF ALL COMPILING"}, coldStart(lines)},
		{[]string{"REPORT", "TOOK", "SIZE", "PROMISED"}, drawn(lines)},
	}, func(t table) bool { return t.rows == nil })
	for i, t := range tables {
		if i > 0 {
			p.Answer("")
		}
		p.Table(t.heading, t.rows)
	}
	return errors.Join(p.Err(), writeTables(p, tables))
}

// coldStart makes rows of how long the first compilation takes, and how much each dependency adds, the largest first.
func coldStart(lines []benchmarkLine) [][]string {
	lines = slices.SortedStableFunc(slices.Values(lines),
		func(a, b benchmarkLine) int { return cmp.Compare(b.metrics["cpu-s"], a.metrics["cpu-s"]) })
	return rowsOf(lines, "ColdStart/", func(name string, m map[string]float64) []string {
		if wall, ok := m["wall-s"]; ok {
			return []string{"all of it", fmt.Sprintf("%.0f s", wall), fmt.Sprintf("%.0f s of the compiler", m["cpu-s"])}
		}
		return []string{name, fmt.Sprintf("%.1f s of the compiler", m["cpu-s"]), fmt.Sprintf("%.1f %%", m["percent"])}
	})
}

// drawn makes a row of how long a large report takes, and how large it is.
func drawn(lines []benchmarkLine) [][]string {
	return rowsOf(lines, "Report", func(_ string, m map[string]float64) []string {
		return []string{
			"100 repositories of 1,000 images", fmt.Sprintf("%.2f s", m["ns/op"]/1e9), fmt.Sprintf("%.1f MB", m["MB"]),
			"at most 1 s and 10 MB",
		}
	})
}

// rowsOf makes a row of each benchmark that has the prefix.
func rowsOf(lines []benchmarkLine, prefix string, row func(string, map[string]float64) []string) (rows [][]string) {
	for _, l := range lines {
		if name, ok := strings.CutPrefix(l.name, prefix); ok {
			rows = append(rows, row(name, l.metrics))
		}
	}
	return rows
}

// benchmarkLine is a result as the go command prints it: BenchmarkName/other-2  5  31.2 ours-ms  0.4 ratio and so on.
type benchmarkLine struct {
	name    string // without Benchmark and the number of processors
	metrics map[string]float64
}

func benchmarkLines(said io.Reader) []benchmarkLine {
	var found []benchmarkLine
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) < 4 || !strings.HasPrefix(words[0], "Benchmark") {
			continue
		}
		line := benchmarkLine{name: strings.TrimPrefix(words[0], "Benchmark"), metrics: map[string]float64{}}
		if i := strings.LastIndex(line.name, "-"); i > 0 {
			line.name = line.name[:i]
		}
		for i := 2; i+1 < len(words); i += 2 {
			line.metrics[words[i+1]], _ = strconv.ParseFloat(words[i], 64)
		}
		found = append(found, line)
	}
	return found
}

func compared(lines []benchmarkLine) [][]string {
	return rowsOf(lines, "Versus", func(name string, m map[string]float64) []string {
		return []string{
			name, milliseconds(m["ours-ms"]), milliseconds(m["theirs-ms"]), fmt.Sprintf("%.2f", m["ratio"]),
			fmt.Sprintf("%.2f-%.2f", m["ratio-min"], m["ratio-max"]), promised(m["promise"]),
		}
	})
}

func milliseconds(ms float64) string { return fmt.Sprintf("%.0f ms", ms) }

func promised(ratio float64) string {
	if ratio == 0 {
		return "-"
	}
	return fmt.Sprintf("at most %.2f", ratio)
}
