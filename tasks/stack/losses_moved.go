package stack

import (
	"fmt"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/internal/terraform"
)

// movedBlocks are what keeps repositories with a new key: a block for all that the plan deletes under the old key and
// creates under the new one. A repository has a new key where the plan deletes and creates one name. from holds the
// addresses of those repositories.
func movedBlocks(plan terraform.Plan) (blocks string, from map[string]bool) {
	deleted, created := actions(plan, "delete"), actions(plan, "create")
	from = map[string]bool{}
	for _, old := range deleted {
		for _, made := range created {
			if old.Type != "aws_ecr_repository" || made.Type != old.Type || made.Name != old.Name || old.Name == "" {
				continue
			}
			from[old.Address] = true
			for _, other := range deleted {
				to := renamed(other.Address, old.Address, made.Address)
				if slices.ContainsFunc(created, func(c terraform.Change) bool { return c.Address == to }) {
					blocks += fmt.Sprintf("\n\n  moved {\n    from = %s\n    to   = %s\n  }", other.Address, to)
				}
			}
		}
	}
	return blocks, from
}

func actions(plan terraform.Plan, action string) (found []terraform.Change) {
	for _, change := range plan.Actions {
		if change.Action == action {
			found = append(found, change)
		}
	}
	return found
}

// renamed is an address with the key of to, if it has the key of from; empty for none.
func renamed(address, from, to string) string {
	if address == from {
		return to
	}
	i, j := strings.LastIndex(from, "["), strings.LastIndex(to, "[")
	if i < 0 || j < 0 || !strings.HasSuffix(address, from[i:]) {
		return ""
	}
	return strings.TrimSuffix(address, from[i:]) + to[j:]
}
