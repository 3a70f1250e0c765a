package terraform

import (
	"encoding/json"
	"errors"
	"fmt"
)

// ErrFormat says, for errors.Is, that a state is not of the format that is known here: Terraform may know it.
var ErrFormat = errors.New("the format of the state is not known")

// stateFormat is what Terraform has written since 0.12.
const stateFormat = 4

// Outputs reads the outputs from a state as it lies in the bucket: Terraform takes seconds for it, most of them to get ready for
// what it will not do. An empty state has none.
func Outputs(state []byte) (map[string]Output, error) {
	outputs := map[string]Output{}
	if len(state) == 0 {
		return outputs, nil
	}
	var document struct {
		Version int
		Outputs map[string]struct {
			Sensitive   bool
			Type, Value json.RawMessage
		}
	}
	if err := json.Unmarshal(state, &document); err != nil {
		return nil, fmt.Errorf("%w: it is not JSON", ErrFormat) // the decoder's words may quote a secret
	}
	if document.Version != stateFormat || document.Outputs == nil {
		return nil, fmt.Errorf("%w: version %d", ErrFormat, document.Version)
	}
	for name, o := range document.Outputs {
		if o.Type == nil || o.Value == nil {
			return nil, fmt.Errorf("%w: the output %q has no type or no value", ErrFormat, name)
		}
		outputs[name] = Output{Sensitive: o.Sensitive, Type: o.Type, Value: o.Value}
	}
	return outputs, nil
}
