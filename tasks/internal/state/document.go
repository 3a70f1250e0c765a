package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// Document is a state, as far as it is read here. The zero value is a state that was never written.
type Document struct{ holds stateJSON }

type stateJSON struct {
	Version   int               `json:"version"`
	Encrypted json.RawMessage   `json:"encrypted_data"`    // by OpenTofu
	Terraform string            `json:"terraform_version"` // the version that wrote it
	Outputs   map[string]Output `json:"outputs"`
	Resources []struct {
		Module, Mode, Type, Name string
		Instances                []struct {
			IndexKey   json.RawMessage `json:"index_key"`
			Status     string          `json:"status"`
			Attributes struct{ Name, ARN string }
		}
	} `json:"resources"`
}

// Parse reads the JSON document as it lies in the bucket; an empty one is the zero Document.
func Parse(text []byte) (d Document, err error) {
	if len(text) == 0 {
		return d, nil
	}
	err = json.Unmarshal(text, &d.holds)
	syntax, broken := errors.AsType[*json.SyntaxError](err)
	switch {
	case bytes.HasPrefix(text, []byte("\ufeff")):
		return Document{}, errors.New("it begins with a byte order mark, as some editors write it")
	case broken && syntax.Offset >= int64(len(text)):
		return Document{}, fmt.Errorf("it is cut short: it ends after %d bytes", len(text))
	case err != nil:
		return Document{}, err
	case d.holds.Encrypted != nil:
		return Document{}, errors.New("OpenTofu encrypted it, and these targets and Terraform cannot read that")
	case d.holds.Version == 0:
		return Document{}, errors.New("it names no format version, so Terraform did not write it")
	case d.holds.Version != format:
		return Document{}, fmt.Errorf("it has format %d, of Terraform %s, and these targets read format %d",
			d.holds.Version, d.holds.Terraform, format)
	}
	return d, nil
}

// Repository is an ECR repository that a state knows.
type Repository struct {
	Address string // such as aws_ecr_repository.app["app"]
	Name    string
	ARN     string
	Tainted bool // its creation was interrupted: the next plan would replace it
}

// Region is where the repository is.
func (r Repository) Region() string {
	if fields := strings.Split(r.ARN, ":"); len(fields) > 3 {
		return fields[3]
	}
	return ""
}

// Repositories lists the ECR repositories in the state, whatever their addresses.
func (d Document) Repositories() []Repository {
	var found []Repository
	for _, r := range d.holds.Resources {
		if r.Mode != "managed" || r.Type != "aws_ecr_repository" {
			continue
		}
		for _, i := range r.Instances {
			address := r.Type + "." + r.Name
			if r.Module != "" {
				address = r.Module + "." + address
			}
			if i.IndexKey != nil {
				address += "[" + string(i.IndexKey) + "]"
			}
			found = append(found, Repository{
				Address: address, Name: i.Attributes.Name, ARN: i.Attributes.ARN, Tainted: i.Status == "tainted",
			})
		}
	}
	return found
}

// Types are the types of the resources in the state, never nil.
func (d Document) Types() []string {
	types := []string{}
	for _, r := range d.holds.Resources {
		types = append(types, r.Type)
	}
	return types
}

// leftovers are the resources of the bash times: tasks do their work now.
var leftovers = []string{"null_resource.ecr_login", "null_resource.ecr_status_check", "null_resource.ecr_cleanup"}

// Leftovers lists the addresses that stand for nothing any more and make every init look for hashicorp/null: a removed
// block does not help, Terraform has to forget them.
func (d Document) Leftovers() []string {
	var found []string
	for _, r := range d.holds.Resources {
		address := r.Type + "." + r.Name
		if r.Module == "" && r.Mode == "managed" && slices.Contains(leftovers, address) {
			found = append(found, address)
		}
	}
	return found
}

// Output is one output in a state, as `terraform output -json` prints it.
type Output = tfexec.OutputMeta

const format = 4 // of the state, which Terraform has written since 0.12

// Outputs are the outputs, without Terraform; of a state that was never written an empty map.
func (d Document) Outputs() map[string]Output {
	if d.holds.Outputs == nil {
		return map[string]Output{}
	}
	return d.holds.Outputs
}
