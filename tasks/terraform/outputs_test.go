package terraform

import (
	"encoding/json"
	"errors"
	"testing"
)

func TestOutputs(t *testing.T) {
	const known = `{"version":4,"terraform_version":"1.99.0","outputs":{
		"url":{"value":"a<b","type":"string"},"n":{"value":12345678901234567890,"type":"number","sensitive":true},
		"none":{"value":null,"type":"string"}},"resources":[]}`
	got, err := Outputs([]byte(known))
	if err != nil || len(got) != 3 {
		t.Fatalf("Outputs = %v, %v, want three", got, err)
	}
	text, err := json.Marshal(got["n"])
	if want := `{"sensitive":true,"type":"number","value":12345678901234567890}`; err != nil || string(text) != want {
		t.Errorf("n = %s, %v, want %s", text, err, want)
	}
	if got["url"].Sensitive || string(got["url"].Value) != `"a<b"` || string(got["none"].Value) != "null" {
		t.Errorf("Outputs = %v", got)
	}
	if got, err := Outputs(nil); len(got) != 0 || err != nil {
		t.Errorf("Outputs of no state = %v, %v, want none", got, err)
	}
	for name, state := range map[string]string{
		"not JSON":     `{"version":4,`,
		"older":        `{"version":3,"modules":[]}`,
		"newer":        `{"version":5,"outputs":{}}`,
		"encrypted":    `{"serial":1,"lineage":"l","meta":{},"encrypted_data":"x","encryption_version":"v0"}`,
		"no outputs":   `{"version":4}`,
		"other shape":  `{"version":4,"outputs":["url"]}`,
		"without type": `{"version":4,"outputs":{"url":{"value":"a"}}}`,
	} {
		if got, err := Outputs([]byte(state)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: Outputs = %v, %v, want ErrFormat", name, got, err)
		}
	}
}
