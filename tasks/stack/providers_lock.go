package stack

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/session"
)

// LockProviders records the checksums of every platform in the lock file, as far as they can be had.
func LockProviders(ctx context.Context) error {
	s, err := session.Open(session.Where{})
	if err != nil {
		return err
	}
	return session.WithSignals(ctx, s.Console, func(ctx context.Context) error {
		d, err := openTerraform(ctx, s, 0) // it takes no lock
		if err != nil {
			return err
		}
		mirror, err := providerMirror(s.Project)
		if err != nil {
			return err
		}
		source := "the registry"
		if mirror != "" {
			source = mirror
		}
		return lockEach(ctx, s, d, mirror, source)
	})
}

// lockEach goes on to the next platform where the source does not have one; that is worth a warning. Any other fault is
// one.
func lockEach(ctx context.Context, s *session.Session, d *Stack, mirror, source string) error {
	var absent, faults []error
	for _, platform := range terraform.Platforms {
		err := d.Run(s.Story(), func(tf *terraform.Terraform) error { return tf.LockProviders(ctx, platform, mirror) })
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
	return errors.Join(append(faults, reportLocked(s.Console, len(absent), source))...)
}

// whyAbsent is what Terraform says of each provider, without what comes before that.
func whyAbsent(err error) string {
	what, _ := hint.Parts(err)
	what = console.OneLine(what)
	if _, each, ok := strings.Cut(what, "some providers could not be installed: - "); ok {
		return each
	}
	return what
}

// reportLocked says what to do about platforms that could not be had. None at all is an error.
func reportLocked(c *console.Console, absent int, source string) error {
	const fix = "set TF_PROVIDER_MIRROR to a folder that holds them (terraform providers mirror -platform=OS_ARCH DIR makes one), or run it where the registry can be reached"
	switch absent {
	case 0:
		return nil
	case len(terraform.Platforms):
		return hint.Add(fmt.Errorf("locking providers from %s: no platform could be had", source), "%s", fix)
	}
	c.Warn("what the lock file had of %s stays; %s", console.Count(absent, "platform", "platforms"), fix)
	return nil
}
