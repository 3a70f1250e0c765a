package tasks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/internal/terraform"
)

// DefaultLockTimeout is how long another run's state lock is waited for: longer than a deploy takes here.
const DefaultLockTimeout = 2 * time.Minute

// pinFile names the Terraform that is downloaded where none is found, and that CI runs. tfenv and tenv read it, too. One on the
// PATH that satisfies terraform.tf may be another version.
const pinFile = ".terraform-version"

// driver makes Terraforms that run as the settings say, and puts a hint to what they fail of.
type driver struct {
	*session
	options terraform.Options
	target  string             // of the menu, that this is for
	held    []state.Repository // in the state, when the target began or has healed it
	old     []string           // addresses of the bash times in the state
}

// terraform finds the binary and where its providers come from.
func (s *session) terraform(ctx context.Context, lockTimeout time.Duration) (*driver, error) {
	cfg, err := s.aws(ctx, s.Region)
	if err != nil {
		return nil, err
	}
	env := environment()
	binary, cliConfig, err := s.findTerraform(ctx, env)
	if err != nil {
		return nil, err
	}
	d := &driver{session: s, options: terraform.Options{
		Exec: binary.Path, Dir: s.path(terraforms), CLIConfig: cliConfig, Env: env,
		Profile:     s.Profile,
		Vars:        map[string]string{"region": s.Region, "profile": s.Profile},
		Backend:     map[string]string{"profile": s.Profile},
		Endpoint:    aws.ToString(cfg.BaseEndpoint),
		LockTimeout: lockTimeout,
		Stdout:      s.Story(), Stderr: s.Story(),
	}}
	return d, d.sayIgnored()
}

// findTerraform finds or installs the binary, and writes where its providers come from. Which version to install matters only where
// none is found.
func (s *session) findTerraform(ctx context.Context, env map[string]string) (binary terraform.Binary, cliConfig string, err error) {
	pinned, unpinned := terraform.Pinned(s.path(pinFile))
	progress := s.Progress("terraform " + pinned)
	search := s.terraformSearch(env, pinned)
	search.Story, search.Progress = s.Story(), progress.Set
	binary, err = terraform.Find(ctx, search)
	progress.Done()
	if err != nil && search.Exact == "" {
		err = errors.Join(unpinned, err)
	}
	if err != nil {
		return binary, "", err
	}
	cliConfig, err = s.providers(env, s.cacheDir())
	return binary, cliConfig, err
}

// terraformSearch is where a terraform may be, and which one is installed otherwise; none if install is empty.
func (s *session) terraformSearch(env map[string]string, install string) terraform.Search {
	return terraform.Search{
		Constraint: s.RequiredVersion, Exact: env["TERRAFORM_PATH"], Path: env["PATH"], Env: env, Dir: s.path(terraforms),
		CacheDir: s.cacheDir(), Install: install,
	}
}

// cacheDir is where downloads and what is made of discoveries lie, for all checkouts of a user; without a HOME, this one's.
func (s *session) cacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return s.path(".local", "cache")
	}
	return filepath.Join(dir, module, "terraform")
}

// providers writes the CLI configuration that leads Terraform to a mirror, where there is one.
func (s *session) providers(env map[string]string, cache string) (string, error) {
	found, err := s.chosenProviders(env)
	if err != nil {
		return "", err
	}
	return found.Configure(filepath.Join(cache, "providers.tfrc"))
}

// chosenProviders is where Terraform gets its providers.
func (s *session) chosenProviders(env map[string]string) (terraform.Providers, error) {
	home, _ := os.UserHomeDir() // none: then there is no configuration of the user's either
	return terraform.ChooseProviders(terraform.ProviderSearch{Env: env, Home: home, Dir: s.path(terraforms), Roots: []string{"/opt"}})
}

// sayIgnored names what the user set and Terraform does not get. The dummy keys of .local/env are nobody's loss.
func (d *driver) sayIgnored() error {
	tf, err := terraform.New(d.options)
	if err != nil {
		return err
	}
	ignored := slices.DeleteFunc(slices.Clone(tf.Ignored()), func(name string) bool { return d.options.Env[name] == localKey })
	if len(ignored) > 0 {
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
	return d.remedy(call(tf))
}

// occupy has Terraform's data folder for this run alone, as soon as the one that works in it is over.
func (d *driver) occupy(ctx context.Context, late time.Time) (release func(), err error) {
	errLate := fmt.Errorf("it took over %s", d.options.LockTimeout)
	ctx, cancel := context.WithDeadlineCause(ctx, late, errLate)
	defer cancel()
	tf, err := terraform.New(d.options)
	if err != nil {
		return nil, err
	}
	if release, err = tf.Occupy(ctx); errors.Is(err, errLate) {
		return nil, hint.Add(err, "that process works in the same folder: wait for it, then once more: %s; whether it has the state: %s",
			typed(d.target), typed("state:lock"))
	}
	if err != nil {
		return nil, err
	}
	d.options.Occupied = true
	return release, nil
}

// init prepares Terraform's data folder, if it has to be; its words are part of the story.
func (d *driver) init(ctx context.Context) error {
	return d.run(d.Story(), func(tf *terraform.Terraform) error { return tf.Prepare(ctx) })
}

// remedy adds what to type next to an error of Terraform.
func (d *driver) remedy(err error) error {
	locked := (*terraform.LockedError)(nil)
	switch {
	case errors.As(err, &locked):
		return lockHint(err, locked.ID)
	case errors.Is(err, awserr.ErrNoBucket):
		return d.explain(err)
	case errors.Is(err, terraform.ErrProviders):
		return hint.Add(err, "where the registry cannot be reached, set TF_PROVIDER_MIRROR to a folder that holds registry.terraform.io/hashicorp/aws (terraform providers mirror DIR makes one)")
	case errors.Is(err, terraform.ErrProfile):
		return hint.Add(err, "name another with AWS_PROFILE, or set AWS_CONFIG_FILE to the file that has it")
	case errors.Is(err, terraform.ErrExpired):
		return hint.Add(err, "renew %s (aws sso login); then going on is safe: %s", d.whose(), typed(cmp.Or(d.target, "plan")))
	case errors.Is(err, context.Canceled) && (d.target == "plan" || d.target == "drift"):
		return hint.Add(err, "nothing was changed; once more: %s", typed(d.target))
	case errors.Is(err, context.Canceled), changing(err):
		return hint.Add(err, "see where things stand: %s; going on is safe: %s", typed("plan"), typed(cmp.Or(d.target, "deploy")))
	}
	return err
}

// changing is whether a command failed that may have done a part of its work.
func changing(err error) bool {
	failed, ok := errors.AsType[*terraform.Error](err)
	return ok && (failed.Command == "apply" || failed.Command == "destroy")
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
