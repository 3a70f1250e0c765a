package state

import (
	"encoding/json"

	"github.com/hashicorp/go-version"
)

// Output is one output in a state, as `terraform output -json` prints it.
type Output struct {
	Sensitive bool            `json:"sensitive"`
	Type      json.RawMessage `json:"type"`
	Value     json.RawMessage `json:"value"`
}

// format is the one of the state that is understood here. Terraform has written it since 0.12.
const format = 4

// Outputs reads the outputs without Terraform. ok is false where the document is not wholly understood, such as an
// encrypted one: then Terraform has to be asked.
func (d Document) Outputs() (outputs map[string]Output, ok bool) {
	if d.holds.Version != format || d.holds.Outputs == nil {
		return nil, false
	}
	writer, err := version.NewVersion(d.holds.Terraform)
	if err != nil || writer.Segments()[0] > 1 {
		return nil, false
	}
	for _, output := range d.holds.Outputs {
		if output.Type == nil || output.Value == nil {
			return nil, false
		}
	}
	return d.holds.Outputs, true
}
