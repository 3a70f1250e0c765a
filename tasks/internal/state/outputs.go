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

// Outputs reads the outputs of a state without Terraform. ok is false where the document is not wholly understood, such as an
// encrypted one: then it is Terraform that has to be asked.
func Outputs(text []byte) (outputs map[string]Output, ok bool) {
	var document struct {
		Version   int               `json:"version"`
		Terraform string            `json:"terraform_version"`
		Outputs   map[string]Output `json:"outputs"`
	}
	if json.Unmarshal(text, &document) != nil || document.Version != format || document.Outputs == nil {
		return nil, false
	}
	writer, err := version.NewVersion(document.Terraform)
	if err != nil || writer.Segments()[0] > 1 {
		return nil, false
	}
	for _, output := range document.Outputs {
		if output.Type == nil || output.Value == nil {
			return nil, false
		}
	}
	return document.Outputs, true
}
