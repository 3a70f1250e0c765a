package terraform

import (
	"io"

	"envoy-proxy-poc/tasks/internal/lines"
)

// filter passes on the lines that are to be kept.
func filter(w io.Writer, keep func(line string) bool) io.Writer {
	return &lines.Writer{Take: func(line string) {
		if keep(line) {
			_, _ = io.WriteString(w, line+"\n")
		}
	}}
}

// withoutOutputs passes lines on up to the one that heads the outputs. They are somebody else's answer.
func withoutOutputs(w io.Writer) io.Writer {
	if w == nil {
		return nil
	}
	ended := false
	return filter(w, func(line string) bool {
		ended = ended || line == "Outputs:"
		return !ended
	})
}
