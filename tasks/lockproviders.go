package tasks

import (
	"context"
	"fmt"
	"os"
	"strings"

	"envoy-proxy-poc/tasks/console"
	"envoy-proxy-poc/tasks/terraform"
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
		var absent []string
		var last error
		for _, platform := range terraform.Platforms {
			err := d.run(s.Story(), func(tf *terraform.Terraform) error { return tf.LockProviders(ctx, platform, mirror) })
			switch {
			case ctx.Err() != nil:
				return err
			case err != nil:
				absent, last = append(absent, platform), err
			default:
				s.Say("%s: locked, from %s", platform, source)
			}
		}
		return s.reportLocked(absent, last, source)
	})
}

// reportLocked says which platforms could not be had. None at all is an error.
func (s *session) reportLocked(absent []string, last error, source string) error {
	if len(absent) == 0 {
		return nil
	}
	hint := "set TF_PROVIDER_MIRROR to a folder that holds them (terraform providers mirror -platform=OS_ARCH DIR makes one), or run it where the registry can be reached"
	if len(absent) == len(terraform.Platforms) {
		return console.Hint(fmt.Errorf("locking providers from %s: no platform could be had: %w", source, last), "%s", hint)
	}
	s.Warn("not locked anew, as %s did not give them: %s; what the lock file had of them stays; %s", source, strings.Join(absent, ", "), hint)
	return nil
}

// mirror is the folder that providers come from, empty for the registry.
func (s *session) mirror() (string, error) {
	home, _ := os.UserHomeDir()
	found, err := terraform.ChooseProviders(terraform.ProviderSearch{
		Env: environment(), Home: home, Dir: s.path(terraforms), Roots: []string{"/opt"},
	})
	if err != nil || len(found.Mirrors) == 0 {
		return "", err
	}
	return found.Mirrors[0].Dir, nil
}
