package state

import "testing"

func TestOutputs(t *testing.T) {
	good := `{"version":4,"terraform_version":"1.11.4","serial":3,"lineage":"l","outputs":{"a":{"value":"x",` +
		`"type":"string"},` +
		`"b":{"value":{"n":1},"type":["object",{"n":"number"}],"sensitive":true}},"resources":[]}`
	outputs, ok := understood(good)
	if !ok || len(outputs) != 2 || string(outputs["a"].Value) != `"x"` || outputs["a"].Sensitive ||
		!outputs["b"].Sensitive {
		t.Errorf("Outputs = %v, %v, want both", outputs, ok)
	}
	if none, ok := understood(""); !ok || none == nil || len(none) > 0 {
		t.Errorf("of no state: Outputs = %v, %v, want none", none, ok)
	}
	for name, text := range map[string]string{
		"no JSON":              "{",
		"another format":       `{"version":5,"terraform_version":"1.11.4","outputs":{}}`,
		"encrypted":            `{"serial":1,"lineage":"l","meta":{},"encrypted_data":"AA==","encryption_version":"v0"}`,
		"no outputs at all":    `{"version":4,"terraform_version":"1.11.4"}`,
		"a terraform to come":  `{"version":4,"terraform_version":"2.0.0","outputs":{}}`,
		"written by nobody":    `{"version":4,"outputs":{}}`,
		"an output of no type": `{"version":4,"terraform_version":"1.11.4","outputs":{"a":{"value":1}}}`,
		"another shape":        `{"version":4,"terraform_version":"1.11.4","outputs":{"a":"b"}}`,
	} {
		if got, ok := understood(text); ok {
			t.Errorf("%s: Outputs = %v, want Terraform asked", name, got)
		}
	}
}

// understood are the outputs of a text that is understood.
func understood(text string) (map[string]Output, bool) {
	d, err := Parse([]byte(text))
	if err != nil {
		return nil, false
	}
	return d.Outputs()
}
