package terraform

import (
	"encoding/json"
	"fmt"
	"strings"
)

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

// Repositories lists the ECR repositories in a state, whatever their addresses. The state is the JSON document as it lies in
// the bucket; an empty one has none.
func Repositories(state []byte) ([]Repository, error) {
	if len(state) == 0 {
		return nil, nil
	}
	var document struct {
		Resources []struct {
			Module, Mode, Type, Name string
			Instances                []struct {
				IndexKey   any    `json:"index_key"`
				Status     string `json:"status"`
				Attributes struct{ Name, ARN string }
			}
		}
	}
	if err := json.Unmarshal(state, &document); err != nil {
		return nil, fmt.Errorf("reading the state: %w", err)
	}
	var found []Repository
	for _, r := range document.Resources {
		if r.Mode != "managed" || r.Type != "aws_ecr_repository" {
			continue
		}
		for _, i := range r.Instances {
			address := r.Type + "." + r.Name
			if r.Module != "" {
				address = r.Module + "." + address
			}
			if i.IndexKey != nil {
				key, err := json.Marshal(i.IndexKey)
				if err != nil {
					return nil, err
				}
				address += "[" + string(key) + "]"
			}
			found = append(found, Repository{Address: address, Name: i.Attributes.Name, ARN: i.Attributes.ARN, Tainted: i.Status == "tainted"})
		}
	}
	return found, nil
}
