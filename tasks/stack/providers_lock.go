package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

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
	var absent, faults []error
	for _, platform := range terraform.Platforms {
		err := s.run(s.Story(), func(tf *terraform.Terraform) error { return tf.LockProviders(ctx, platform, mirror) })
		switch {
		case ctx.Err() != nil:
			return err
		case errors.Is(err, terraform.ErrProviders):
			s.Warn("%s: not locked anew: %s", platform, whyAbsent(err))
			absent = append(absent, err)
		case err != nil:
			faults = append(faults, fmt.Errorf("%s: %w", platform, err))
		default:
			s.Say("%s: locked, from %s", platform, source)
		}
	}
	return errors.Join(append(faults, reportAbsent(s.Console, len(absent), source))...)
}

// whyAbsent is Terraform's reason for each provider, without the sentence in front.
func whyAbsent(err error) string {
	what, _ := hint.Parts(err)
	what = console.OneLine(what)
	if _, each, ok := strings.Cut(what, "some providers could not be installed: - "); ok {
		return each
	}
	return what
}

// reportAbsent says what to do about platforms that the source does not have. It is an error if it has none at all.
func reportAbsent(c *console.Console, absent int, source string) error {
	const fix = "set TF_PROVIDER_MIRROR to a folder that holds them " +
		"(terraform providers mirror -platform=OS_ARCH DIR makes one), or run it where the registry can be reached"
	switch absent {
	case 0:
		return nil
	case len(terraform.Platforms):
		return hint.Add(fmt.Errorf("locking providers from %s: no platform could be had", source), "%s", fix)
	}
	c.Warn("what the lock file had of %s stays; %s", console.Count(absent, "platform", "platforms"), fix)
	return nil
}
