package catalog

import (
	"encoding/json"
	"strings"
)

// SetPolicy stores a repository policy. It is checked for its form; nothing here is denied by it.
func (r *Registry) SetPolicy(repository, text string) error {
	if len(text) > 10240 {
		return Invalid("policyText", "Member must have length less than or equal to 10240")
	}
	if !isPolicy(text) {
		return Invalid("PolicyText", "Invalid repository policy provided")
	}
	return r.update(repository, func(rp *repo) error {
		rp.info.Policy = text
		return nil
	})
}

// Policy returns the repository policy.
func (r *Registry) Policy(repository string) (string, error) {
	var text string
	err := r.view(repository, func(rp *repo) error {
		text = rp.info.Policy
		return rp.needPolicy()
	})
	return text, err
}

// DeletePolicy removes the repository policy and returns it.
func (r *Registry) DeletePolicy(repository string) (string, error) {
	var text string
	err := r.update(repository, func(rp *repo) error {
		text = rp.info.Policy
		if err := rp.needPolicy(); err != nil {
			return err
		}
		rp.info.Policy = ""
		return nil
	})
	return text, err
}

func (rp *repo) needPolicy() error {
	if rp.info.Policy != "" {
		return nil
	}
	return refuse("RepositoryPolicyNotFoundException",
		"Repository policy does not exist for the repository with name '%s' in the registry with id '%s'", rp.info.Name, rp.Account())
}

// isPolicy checks the outline of an IAM policy of a repository: statements with effect, principal and ECR actions.
func isPolicy(text string) bool {
	var policy struct{ Statement json.RawMessage }
	if json.Unmarshal([]byte(text), &policy) != nil {
		return false
	}
	type statement struct {
		Effect                                     string
		Principal, NotPrincipal, Action, NotAction any
	}
	var all []statement
	if json.Unmarshal(policy.Statement, &all) != nil {
		all = make([]statement, 1)
		if json.Unmarshal(policy.Statement, &all[0]) != nil {
			return false
		}
	}
	for _, s := range all {
		if s.Effect != "Allow" && s.Effect != "Deny" || (s.Principal == nil) == (s.NotPrincipal == nil) ||
			(s.Action == nil) == (s.NotAction == nil) || !ecrActions(s.Action) || !ecrActions(s.NotAction) {
			return false
		}
	}
	return len(all) > 0
}

func ecrActions(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == "*" || strings.HasPrefix(strings.ToLower(v), "ecr:")
	case []any:
		for _, one := range v {
			if s, ok := one.(string); !ok || !ecrActions(s) {
				return false
			}
		}
		return len(v) > 0
	}
	return false
}
