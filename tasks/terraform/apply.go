package terraform

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// Apply does what a plan saved by [Terraform.Plan] says, and nothing else: it asks no questions, and terraform refuses a plan
// that the state has moved on from. It is nil when all of it was done, an interrupt in the meantime or not. What terraform says is
// streamed but for the outputs at its end, which are somebody else's answer.
func (t *Terraform) Apply(ctx context.Context, file string) error {
	file, err := filepath.Abs(file)
	if err != nil {
		return fmt.Errorf("finding plan file %q: %w", file, err)
	}
	stdout := io.Writer(nil)
	if t.options.Stdout != nil {
		stdout = &withoutOutputs{w: t.options.Stdout}
	}
	return t.run(ctx, command{name: "apply", stdout: stdout, call: func(ctx context.Context, tf *tfexec.Terraform, s *stream) error {
		tf.SetStdout(s.out())
		return tf.Apply(ctx, tfexec.DirOrPlan(file), t.lockTimeout()) // the variables are in the plan
	}})
}

// withoutOutputs passes lines on up to the one that heads the outputs.
type withoutOutputs struct {
	w       io.Writer
	partial []byte
	ended   bool
}

func (o *withoutOutputs) Write(p []byte) (int, error) {
	o.partial = append(o.partial, p...)
	for !o.ended {
		end := bytes.IndexByte(o.partial, '\n') + 1
		if end == 0 {
			return len(p), nil
		}
		if o.ended = string(o.partial[:end]) == "Outputs:\n"; !o.ended {
			_, _ = o.w.Write(o.partial[:end])
			o.partial = o.partial[end:]
		}
	}
	o.partial = nil
	return len(p), nil
}
