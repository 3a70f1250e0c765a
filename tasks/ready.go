package tasks

import (
	"context"
	"fmt"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/console"
	"envoy-proxy-poc/tasks/state"
	"envoy-proxy-poc/tasks/terraform"
)

// ready has everything that Terraform needs before it is started: the state's bucket, a state that is of this region, a
// binary and its providers. Who holds the state's lock is told before Terraform waits for it in silence.
func (s *session) ready(ctx context.Context, lockTimeout time.Duration) (*driver, error) {
	client, err := s.stateClient(ctx)
	if err != nil {
		return nil, err
	}
	lock, err := state.Lock(ctx, client, s.bucket(), s.Backend.Key)
	if err != nil {
		return nil, s.explain(err)
	}
	if lock != nil {
		s.Warn("the state is %s; waiting up to %s", lock, lockTimeout)
	}
	raw, err := state.Read(ctx, client, s.bucket(), s.Backend.Key)
	if err != nil {
		return nil, s.explain(err)
	}
	held, err := terraform.Repositories(raw)
	if err != nil {
		return nil, err
	}
	if err := s.sameRegion(held); err != nil {
		return nil, err
	}
	d, err := s.terraform(ctx, lockTimeout)
	if err != nil {
		return nil, err
	}
	d.held = held
	d.old, err = terraform.Leftovers(raw)
	return d, err
}

// sameRegion refuses to work on a state whose repositories are elsewhere: to Terraform they would all be gone, and it would
// make new ones here and forget those there.
func (s *session) sameRegion(held []terraform.Repository) error {
	var elsewhere []string
	region := ""
	for _, repository := range held {
		if at := repository.Region(); at != "" && at != s.Region {
			region = at
			elsewhere = append(elsewhere, repository.Name)
		}
	}
	if elsewhere == nil {
		return nil
	}
	return console.Hint(fmt.Errorf("the state's repositories %s are in %s, not in %s", strings.Join(elsewhere, ", "), region, s.Region),
		"work on them: AWS_REGION=%s %s; to move them: destroy them there first", region, typed("plan"))
}
