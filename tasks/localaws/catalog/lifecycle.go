package catalog

import "time"

// SetLifecycle stores a lifecycle policy and returns it as ECR gives it back: without spaces, rules in the order of
// their priority.
func (r *Registry) SetLifecycle(repository, text string) (string, error) {
	if err := CheckRepositoryName(repository); err != nil {
		return "", err
	}
	policy, err := ParseLifecycle(text)
	if err != nil {
		return "", err
	}
	return policy.Text, r.update(repository, func(rp *repo) error {
		rp.info.Lifecycle = policy.Text
		rp.info.LifecycleSetAt, rp.info.LifecycleEvaluatedAt = r.c.now().UTC(), time.Time{}
		return nil
	})
}

// Lifecycle returns the lifecycle policy, and when it was last evaluated.
func (r *Registry) Lifecycle(repository string) (text string, evaluated time.Time, err error) {
	err = r.observe(repository, func(rp *repo) error {
		text, evaluated = rp.lifecycle()
		return rp.needLifecycle()
	})
	return text, evaluated, err
}

// DeleteLifecycle removes the lifecycle policy and returns it.
func (r *Registry) DeleteLifecycle(repository string) (text string, evaluated time.Time, err error) {
	err = r.update(repository, func(rp *repo) error {
		text, evaluated = rp.lifecycle()
		if err := rp.needLifecycle(); err != nil {
			return err
		}
		rp.info.Lifecycle, rp.info.LifecycleSetAt, rp.info.LifecycleEvaluatedAt = "", time.Time{}, time.Time{}
		return nil
	})
	return text, evaluated, err
}

func (rp *repo) lifecycle() (string, time.Time) {
	return rp.info.Lifecycle, rp.info.LifecycleEvaluatedAt
}

func (rp *repo) needLifecycle() error {
	if rp.info.Lifecycle != "" {
		return nil
	}
	return refuse("LifecyclePolicyNotFoundException",
		"Lifecycle policy does not exist for the repository with name '%s' in the registry with id '%s'", rp.info.Name, rp.Account())
}
