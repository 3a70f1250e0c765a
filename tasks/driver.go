package tasks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/console"
	"envoy-proxy-poc/tasks/state"
	"envoy-proxy-poc/tasks/terraform"
)

// DefaultLockTimeout is how long another run's state lock is waited for: longer than a deploy takes here.
const DefaultLockTimeout = 2 * time.Minute

// installed is the Terraform that is downloaded where none is found. It satisfies terraform.tf, and CI runs it.
const installed = "1.11.4"

// driver makes Terraforms that run as the settings say, and puts a hint to what they fail of.
type driver struct {
	*session
	options terraform.Options
}

// terraform finds the binary and where its providers come from.
func (s *session) terraform(ctx context.Context, lockTimeout time.Duration) (*driver, error) {
	cache, err := cacheDir()
	if err != nil {
		return nil, err
	}
	env := environment()
	binary, err := terraform.Find(ctx, terraform.Search{
		Constraint: s.RequiredVersion, Path: env["PATH"], Env: env, Dir: s.path(terraforms),
		CacheDir: cache, Install: installed, Story: s.Story(),
	})
	if err != nil {
		return nil, err
	}
	cliConfig, err := s.providers(env, cache)
	if err != nil {
		return nil, err
	}
	d := &driver{session: s, options: terraform.Options{
		Exec: binary.Path, Dir: s.path(terraforms), CLIConfig: cliConfig, Env: env,
		Profile:     s.Profile,
		Vars:        map[string]string{"region": s.Region, "profile": s.Profile},
		Backend:     map[string]string{"profile": s.Profile},
		LockTimeout: lockTimeout,
		Stdout:      s.Story(), Stderr: s.Story(),
	}}
	return d, d.sayIgnored()
}

// cacheDir is where downloads and what is made of discoveries lie, for all checkouts of a user.
func cacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("looking for a cache folder: %w", err)
	}
	return filepath.Join(dir, module, "terraform"), nil
}

// providers writes the CLI configuration that leads Terraform to a mirror, where there is one.
func (s *session) providers(env map[string]string, cache string) (string, error) {
	home, _ := os.UserHomeDir() // none: then there is no configuration of the user's either
	found, err := terraform.ChooseProviders(terraform.ProviderSearch{
		Env: env, Home: home, Dir: s.path(terraforms), Roots: []string{"/opt"},
	})
	if err != nil {
		return "", err
	}
	return found.Configure(filepath.Join(cache, "providers.tfrc"))
}

func (d *driver) sayIgnored() error {
	tf, err := terraform.New(d.options)
	if err != nil {
		return err
	}
	if ignored := tf.Ignored(); len(ignored) > 0 {
		d.Warn("not passed on to Terraform: %s", strings.Join(ignored, ", "))
	}
	return nil
}

// run calls Terraform with stdout as the place for its words.
func (d *driver) run(stdout io.Writer, call func(*terraform.Terraform) error) error {
	options := d.options
	options.Stdout = stdout
	tf, err := terraform.New(options)
	if err != nil {
		return err
	}
	return d.explain(call(tf))
}

// init prepares Terraform's data folder; its words are part of the story.
func (d *driver) init(ctx context.Context) error {
	return d.run(d.Story(), func(tf *terraform.Terraform) error { return tf.Init(ctx) })
}

// explain adds what to type next.
func (d *driver) explain(err error) error {
	locked := (*terraform.LockedError)(nil)
	switch {
	case errors.As(err, &locked):
		return console.Hint(err, "wait for that run, or give -lockTimeout=10m; if it is dead: terraform -chdir=%s force-unlock %s", terraforms, locked.ID)
	case errors.Is(err, terraform.ErrNoBucket):
		return console.Hint(err, "make it: mage state:bootstrap")
	case errors.Is(err, terraform.ErrProviders):
		return console.Hint(err, "where the registry cannot be reached, set TF_PROVIDER_MIRROR to a folder that holds registry.terraform.io/hashicorp/aws (terraform providers mirror DIR makes one)")
	case errors.Is(err, terraform.ErrProfile):
		return console.Hint(err, "name another with AWS_PROFILE, or set AWS_CONFIG_FILE to the file that has it")
	case errors.Is(err, context.Canceled):
		return console.Hint(err, "see where things stand: mage plan")
	}
	return err
}

// sayLock tells who holds the state's lock before Terraform waits for it in silence.
func (s *session) sayLock(ctx context.Context, timeout time.Duration) error {
	client, err := s.s3(ctx)
	if err != nil {
		return err
	}
	lock, err := state.Lock(ctx, client, s.bucket(), s.Backend.Key)
	if err != nil || lock == nil {
		return err
	}
	s.Warn("the state is %s; waiting up to %s", lock, timeout)
	return nil
}

// environment is the process's environment as a map.
func environment() map[string]string {
	env := map[string]string{}
	for _, pair := range os.Environ() {
		if name, value, ok := strings.Cut(pair, "="); ok && name != "" {
			env[name] = value
		}
	}
	return env
}
