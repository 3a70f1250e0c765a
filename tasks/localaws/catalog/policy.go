package catalog

import "slices"

// SetPolicy stores a repository policy. It is checked for its form; [Registry.Admit] asks it. Without force, one
// that would not let its author set another is refused.
func (r *Registry) SetPolicy(repository, text string, force bool) error {
	if len(text) > 10240 {
		return Invalid("policyText", "Member must have length less than or equal to 10240")
	}
	policy, valid := parsePolicy(text)
	if !valid {
		return Invalid("PolicyText", "Invalid repository policy provided")
	}
	if !force && slices.ContainsFunc(policy, r.locksOut) {
		return Invalid("PolicyText", "The policy would prevent you from setting another one, and force is not set")
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
