package terraform

import (
	"io"
	"strings"

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

// WithoutNoise passes on what Terraform says, without what a reader takes for a fault: the provider's signature is not
// checked again where its checksum is known, and a hook's command is not shown.
func WithoutNoise(w io.Writer) io.Writer {
	return &lines.Writer{Take: func(line string) {
		if !strings.HasSuffix(line, "Suppressed by quiet=true") {
			_, _ = io.WriteString(w, strings.TrimSuffix(line, " (unauthenticated)")+"\n")
		}
	}}
}
