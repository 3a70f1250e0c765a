package terraform

import (
	"io"
	"strings"
	"testing"
)

func TestApplyKeepsItsOutputsForWhoAsks(t *testing.T) {
	const said = "Creating...\n\nApply complete! Resources: 1 added\n\n"
	for _, size := range []int{1, 7, 1000} {
		var got strings.Builder
		w := withoutOutputs(&got)
		for text := said + "Outputs:\n\na = \"b\"\n"; text != ""; text = text[min(size, len(text)):] {
			if n, err := w.Write([]byte(text[:min(size, len(text))])); err != nil || n == 0 {
				t.Fatal(n, err)
			}
		}
		if got.String() != said {
			t.Errorf("in pieces of %d: %q, want %q", size, got.String(), said)
		}
	}
}

// A reader gets a line for each resource, and all that a hook of the configuration prints.
func TestBrief(t *testing.T) {
	const said = `aws_x.y["a b"]: Creating...
aws_x.y["a b"]: Still creating... [10s elapsed]
aws_x.y["a b"]: Creation complete after 12s [id=a]
aws_x.z: Modifying... [id=z]
aws_x.z: Modifications complete after 0s [id=z]
data.aws_x.d: Reading...
data.aws_x.d: Read complete after 0s [id=d]
hook.a: Provisioning with 'local-exec'...
hook.a (local-exec): Executing: ["/bin/sh" "-c" "secret"]
hook.b (local-exec): local-exec: Executing: Suppressed by quiet=true
hook.b (local-exec): mine: Creating...
aws_x.w: Destroying... [id=w]
aws_x.w: Destruction complete after 0s

Apply complete! Resources: 1 added, 1 changed, 1 destroyed.
`
	const want = `  created aws_x.y["a b"]
  updated aws_x.z
hook.b (local-exec): mine: Creating...
  destroyed aws_x.w

Apply complete! Resources: 1 added, 1 changed, 1 destroyed.
`
	var got strings.Builder
	if _, _ = io.WriteString(Brief(&got), said); got.String() != want {
		t.Errorf("passed on is\n%s\nwant\n%s", &got, want)
	}
}
