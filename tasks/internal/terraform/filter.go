package terraform

import (
	"io"

	"envoy-proxy-poc/tasks/internal/lines"
)

// withoutOutputs passes lines on up to the one that heads the outputs. They are somebody else's answer.
func withoutOutputs(w io.Writer) io.Writer {
	if w == nil {
		return nil
	}
	ended := false
	return &lines.Writer{Take: func(line string) {
		if ended = ended || line == "Outputs:"; !ended {
			_, _ = io.WriteString(w, line+"\n")
		}
	}}
}
