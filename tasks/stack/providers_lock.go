package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/magefile/mage/mg"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/session"
)

// LockProviders records the checksums of every platform in the lock file, as far as the source has them.
func LockProviders(ctx context.Context) error {
	opened, err := session.Open(session.Where{})
	if err != nil {
		return err
	}
	return session.WithSignals(ctx, opened.Console, func(ctx context.Context) error {
		s, err := newStack(ctx, opened, 0) // it takes no lock
		if err != nil {
			return err
		}
		s.options.Keys = nil // it asks the registry, not AWS
		providers, err := ChosenProviders(opened.Project, session.Environment())
		if err != nil {
			return err
		}
		mirror := ""
		if len(providers.Mirrors) > 0 {
			mirror = providers.Mirrors[0].Dir
		}
		return s.lockEach(ctx, mirror, cmp.Or(mirror, "the registry"))
	})
}

// lockEach warns of a platform that the source does not have, and goes on to the next one. Any other fault is an error.
func (s *Stack) lockEach(ctx context.Context, mirror, source string) error {
	const fix = "set TF_PROVIDER_MIRROR to a folder that holds them " +
		"(terraform providers mirror -platform=OS_ARCH DIR makes one), or run it where the registry can be reached"
	absent := 0
	var faults []error
	for _, platform := range terraform.Platforms {
		err := s.run(s.Story(), func(tf *terraform.Terraform) error { return tf.LockProviders(ctx, platform, mirror) })
		switch {
		case ctx.Err() != nil:
			return err
		case errors.Is(err, terraform.ErrProviders):
			if s.Warn("%s: not locked anew: %v", platform, terraform.ErrProviders); mg.Verbose() {
				s.Say("%v", err)
			}
			absent++
		case err != nil:
			faults = append(faults, fmt.Errorf("%s: %w", platform, err))
		default:
			s.Say("%s: locked, from %s", platform, source)
		}
	}
	switch absent {
	case 0:
	case len(terraform.Platforms):
		err := fmt.Errorf("locking providers: %s has none for any platform", source)
		faults = append(faults, hint.Add(err, "%s", fix))
	default:
		s.Warn("the lock file keeps what it had of %s; %s", console.Count(absent, "platform", "platforms"), fix)
	}
	return errors.Join(faults...)
}
