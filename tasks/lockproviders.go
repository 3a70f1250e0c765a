package tasks

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/terraform"
)

// LockProviders records the checksums of every platform in the lock file, as far as they can be had.
func LockProviders(ctx context.Context) error {
	s, err := open(Account{})
	if err != nil {
		return err
	}
	return withSignals(ctx, s.Console, func(ctx context.Context) error {
		d, err := s.terraform(ctx, 0) // it takes no lock
		if err != nil {
			return err
		}
		mirror, err := s.mirror()
		if err != nil {
			return err
		}
		source := "the registry"
		if mirror != "" {
			source = mirror
		}
		return s.lockEach(ctx, d, mirror, source)
	})
}

// lockEach goes on to the next platform where the source does not have one; that is worth a warning. Any other fault is one.
func (s *session) lockEach(ctx context.Context, d *driver, mirror, source string) error {
	var absent, faults []error
	for _, platform := range terraform.Platforms {
		err := d.run(s.Story(), func(tf *terraform.Terraform) error { return tf.LockProviders(ctx, platform, mirror) })
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
	return errors.Join(append(faults, s.reportLocked(len(absent), source))...)
}

// whyAbsent is what Terraform says of each provider, without what comes before that.
func whyAbsent(err error) string {
	what, _ := hint.Parts(err)
	what = oneLine(what)
	if _, each, ok := strings.Cut(what, "some providers could not be installed: - "); ok {
		return each
	}
	return what
}

// reportLocked says what to do about platforms that could not be had. None at all is an error.
func (s *session) reportLocked(absent int, source string) error {
	const fix = "set TF_PROVIDER_MIRROR to a folder that holds them (terraform providers mirror -platform=OS_ARCH DIR makes one), or run it where the registry can be reached"
	switch absent {
	case 0:
		return nil
	case len(terraform.Platforms):
		return hint.Add(fmt.Errorf("locking providers from %s: no platform could be had", source), "%s", fix)
	}
	s.Warn("what the lock file had of %s stays; %s", count(absent, "platform", "platforms"), fix)
	return nil
}

// mirror is the folder that providers come from, empty for the registry.
func (s *session) mirror() (string, error) {
	found, err := s.chosenProviders(environment())
	if err != nil || len(found.Mirrors) == 0 {
		return "", err
	}
	return found.Mirrors[0].Dir, nil
}
