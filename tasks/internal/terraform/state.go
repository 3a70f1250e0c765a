package terraform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// leftovers are the resources of the bash times: tasks do their work now.
var leftovers = []string{"null_resource.ecr_login", "null_resource.ecr_status_check", "null_resource.ecr_cleanup"}

// Leftovers lists the addresses in a state that stand for nothing any more and that make every init look for hashicorp/null:
// a removed block does not help, only [Terraform.Forget]. The state is the JSON document as it lies in the bucket; an empty
// one has none.
func Leftovers(state []byte) ([]string, error) {
	if len(state) == 0 {
		return nil, nil
	}
	var document struct {
		Resources []struct{ Module, Mode, Type, Name string }
	}
	if err := json.Unmarshal(state, &document); err != nil {
		return nil, fmt.Errorf("reading the state: %w", err)
	}
	var found []string
	for _, r := range document.Resources {
		address := r.Type + "." + r.Name
		if r.Module == "" && r.Mode == "managed" && slices.Contains(leftovers, address) {
			found = append(found, address)
		}
	}
	return found, nil
}

// Forget drops resources from the state and leaves alone what they stand for. It needs no provider of theirs:
// an init that finds everything but their provider has initialised the backend, and that is all it takes.
func (t *Terraform) Forget(ctx context.Context, addresses []string) error {
	if len(addresses) == 0 {
		return nil
	}
	if err := t.init(ctx, true); err != nil && !errors.Is(err, ErrProviders) {
		return err
	}
	for _, address := range addresses {
		err := t.run(ctx, command{name: "state rm", stdout: t.options.Stdout, call: func(ctx context.Context, tf *tfexec.Terraform, s *stream) error {
			tf.SetStdout(s.out())
			return tf.StateRm(ctx, address, tfexec.LockTimeout(t.options.LockTimeout.String()))
		}})
		if err != nil {
			return fmt.Errorf("dropping %q from the state: %w", address, err)
		}
	}
	return nil
}

// State reads the state as it is stored. It needs an initialised backend, but no provider.
func (t *Terraform) State(ctx context.Context) (state []byte, err error) {
	err = t.run(ctx, command{name: "state pull", call: func(ctx context.Context, tf *tfexec.Terraform, _ *stream) error {
		text, err := tf.StatePull(ctx)
		state = []byte(text)
		return err
	}})
	return state, err
}
