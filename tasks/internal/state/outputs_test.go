package state

import "testing"

func TestOutputs(t *testing.T) {
	d, err := Parse([]byte(`{"version":4,"terraform_version":"1.11.4","serial":3,"lineage":"l","outputs":{"a":{"value":"x",` +
		`"type":"string"},"b":{"value":{"n":1},"type":["object",{"n":"number"}],"sensitive":true}},"resources":[]}`))
	outputs := d.Outputs()
	if err != nil || len(outputs) != 2 || string(outputs["a"].Value) != `"x"` || outputs["a"].Sensitive ||
		!outputs["b"].Sensitive {
		t.Errorf("Outputs = %v, %v, want both", outputs, err)
	}
	for _, text := range []string{"", `{"version":4}`} {
		if d, err := Parse([]byte(text)); err != nil || d.Outputs() == nil || len(d.Outputs()) > 0 {
			t.Errorf("of %q: Outputs = %v, %v, want none", text, d.Outputs(), err)
		}
	}
}
