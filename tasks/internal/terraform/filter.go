package terraform

import (
	"io"
	"regexp"

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
