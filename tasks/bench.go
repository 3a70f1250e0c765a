package tasks

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// rounds is how often each side of a comparison runs, after one round that is not counted.
const rounds = 5

// Bench runs the comparisons with what this suite replaces and prints a table: medians of both sides, the median of the
// rounds' ratios with its spread, and the ratio that is promised. What is not installed (docker, ko, the AWS CLI) is left out.
func Bench(ctx context.Context) error {
	s, err := find()
	if err != nil {
		return err
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", "test", "./tasks", "-run=^$", "-bench=Versus", fmt.Sprintf("-benchtime=%dx", rounds), "-timeout=60m", "-v")
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.root, io.MultiWriter(&said, s.Story()), s.Story()
	cmd.Env = withoutMage(os.Environ())
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("running the benchmarks: %w", err)
	}
	rows := compared(&said)
	if rows == nil {
		return errors.New("no benchmark could run here: see above what is not installed")
	}
	s.Table([]string{"COMPARISON", "OURS", "THEIRS", "RATIO", "SPREAD", "PROMISED"}, rows)
	return s.Err()
}

// compared makes rows of the go command's lines: BenchmarkVersusName/other-2  5  31.2 ours-ms  0.4 ratio and so on.
func compared(said io.Reader) [][]string {
	var rows [][]string
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) < 4 || !strings.HasPrefix(words[0], "BenchmarkVersus") {
			continue
		}
		metrics := map[string]float64{}
		for i := 2; i+1 < len(words); i += 2 {
			metrics[words[i+1]], _ = strconv.ParseFloat(words[i], 64)
		}
		name := strings.TrimPrefix(words[0], "BenchmarkVersus")
		if i := strings.LastIndex(name, "-"); i > 0 {
			name = name[:i]
		}
		rows = append(rows, []string{
			name, milliseconds(metrics["ours-ms"]), milliseconds(metrics["theirs-ms"]), fmt.Sprintf("%.2f", metrics["ratio"]),
			fmt.Sprintf("%.2f-%.2f", metrics["ratio-min"], metrics["ratio-max"]), promised(metrics["promise"]),
		})
	}
	return rows
}

func milliseconds(ms float64) string { return fmt.Sprintf("%.0f ms", ms) }

func promised(ratio float64) string {
	if ratio == 0 {
		return "-"
	}
	return fmt.Sprintf("at most %.2f", ratio)
}
