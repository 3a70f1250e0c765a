package terraform

import (
	"context"
	"io"
	"regexp"

	"github.com/hashicorp/terraform-exec/tfexec"

	"envoy-proxy-poc/tasks/internal/lines"
)

// Apply does what a plan saved by [Terraform.Plan] says, and nothing else. It is nil when all of it was done, an
// interrupt in the meantime or not. It streams what terraform says except the outputs at its end.
func (t *Terraform) Apply(ctx context.Context, file string) error {
	c := streaming("apply", withoutOutputs(t.options.Stdout), func(ctx context.Context, tf *tfexec.Terraform) error {
		// the variables are in the plan
		return tf.Apply(ctx, tfexec.DirOrPlan(file), tfexec.Lock(!t.options.Locked), t.lockTimeout(),
			tfexec.Reattach(t.provider))
	})
	c.attaches = true
	return t.run(ctx, c)
}

// withoutOutputs passes lines on up to the one that heads the outputs.
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

// Brief passes on what Terraform says, with one line for each resource that is done. What the configuration's hooks
// print is passed on as it is; their commands are not.
func Brief(w io.Writer) io.Writer {
	return &lines.Writer{Take: func(line string) {
		if found := completed.FindStringSubmatch(line); found != nil {
			line = "  " + outcomes[found[2]] + " " + found[1]
		} else if underWay.MatchString(line) {
			return
		}
		_, _ = io.WriteString(w, line+"\n")
	}}
}

var (
	completed = regexp.MustCompile(`^([^()]+): (Creation|Modifications|Destruction|Import) complete`)
	outcomes  = map[string]string{
		"Creation": "created", "Modifications": "updated", "Destruction": "destroyed", "Import": "imported",
	}
	underWay = regexp.MustCompile(`^[^()]+: (Creating|Modifying|Destroying|Reading|Importing|Refreshing|Provisioning|` +
		`Still|Read complete)\b|^[^()]+ \([^()]+\): (local-exec: )?Executing: `)
)
