package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// DefaultLockTimeout is how long another run's state lock is waited for: longer than a deploy takes here.
const DefaultLockTimeout = 2 * time.Minute

// PinFile names the Terraform that is downloaded where none is found, and that CI runs. tfenv and tenv read it, too.
// One on the PATH that satisfies terraform.tf may be another version.
const PinFile = ".terraform-version"

// driver makes Terraforms that run as the settings say, and puts a hint to what they fail of.
type Stack struct {
	*console.Console
	Session *session.Session
	options terraform.Options
	target  string             // of the menu, that this is for
	Held    []state.Repository // in the state, when the target began or has healed it
	old     []string           // addresses of the bash times in the state
}

// terraform finds the binary and where its providers come from.
func openTerraform(ctx context.Context, s *session.Session, lockTimeout time.Duration) (*Stack, error) {
	cfg, err := s.AWS.Config(ctx, s.AWS.Region)
	if err != nil {
		return nil, err
	}
	env := session.Environment()
	binary, cliConfig, err := FindTerraform(ctx, s, env)
	if err != nil {
		return nil, err
	}
	d := &Stack{Console: s.Console, Session: s, options: terraform.Options{
		Exec: binary.Path, Dir: s.Project.Path(session.Terraforms), CLIConfig: cliConfig, Env: env,
		Profile:     s.AWS.Profile,
		Vars:        map[string]string{"region": s.AWS.Region, "profile": s.AWS.Profile},
		Backend:     map[string]string{"profile": s.AWS.Profile},
		Endpoint:    aws.ToString(cfg.BaseEndpoint),
		LockTimeout: lockTimeout,
		Stdout:      s.Story(), Stderr: s.Story(),
	}}
	return d, d.sayIgnored()
}

// sayIgnored names what the user set and Terraform does not get. The dummy keys of .local/env are nobody's loss.
func (d *Stack) sayIgnored() error {
	tf, err := terraform.New(d.options)
	if err != nil {
		return err
	}
	ignored := slices.DeleteFunc(slices.Clone(tf.Ignored()),
		func(name string) bool { return d.options.Env[name] == session.LocalKey })
	if len(ignored) > 0 {
		d.Warn("not passed on to Terraform: %s", strings.Join(ignored, ", "))
	}
	return nil
}

// Run calls Terraform with stdout as the place for its words.
func (d *Stack) Run(stdout io.Writer, call func(*terraform.Terraform) error) error {
	options := d.options
	options.Stdout = stdout
	tf, err := terraform.New(options)
	if err != nil {
		return err
	}
	return d.remedy(call(tf))
}

// occupy has Terraform's data folder for this run alone, as soon as the one that works in it is over.
func (d *Stack) occupy(ctx context.Context, late time.Time) (release func(), err error) {
	errLate := fmt.Errorf("it took over %s", d.options.LockTimeout)
	ctx, cancel := context.WithDeadlineCause(ctx, late, errLate)
	defer cancel()
	tf, err := terraform.New(d.options)
	if err != nil {
		return nil, err
	}
	if release, err = tf.Occupy(ctx); errors.Is(err, errLate) {
		return nil, hint.Add(err,
			"that process works in the same folder: wait for it, then once more: %s; whether it has the state: %s",
			menu.Typed(d.target), menu.Typed("state:lock"))
	}
	if err != nil {
		return nil, err
	}
	d.options.Occupied = true
	return release, nil
}

// Init prepares Terraform's data folder, if it has to be; its words are part of the story.
func (d *Stack) Init(ctx context.Context) error {
	return d.Run(d.Story(), func(tf *terraform.Terraform) error { return tf.Prepare(ctx) })
}

// remedy adds what to type next to an error of Terraform.
func (d *Stack) remedy(err error) error {
	locked := (*terraform.LockedError)(nil)
	switch {
	case errors.As(err, &locked):
		return lockHint(err, locked.ID)
	case errors.Is(err, awserr.ErrNoBucket):
		return d.Session.AWS.Explain(err)
	case errors.Is(err, terraform.ErrProviders):
		return hint.Add(err,
			"where the registry cannot be reached, set TF_PROVIDER_MIRROR to a folder that holds registry.terraform.io/hashicorp/aws (terraform providers mirror DIR makes one)")
	case errors.Is(err, terraform.ErrProfile):
		return hint.Add(err, "name another with AWS_PROFILE, or set AWS_CONFIG_FILE to the file that has it")
	case errors.Is(err, terraform.ErrExpired):
		return hint.Add(err, "renew %s (aws sso login); then going on is safe: %s", d.Session.AWS.Whose(),
			menu.Typed(cmp.Or(d.target, "plan")))
	case errors.Is(err, context.Canceled) && (d.target == "plan" || d.target == "drift"):
		return hint.Add(err, "nothing was changed; once more: %s", menu.Typed(d.target))
	case errors.Is(err, context.Canceled), changing(err):
		return hint.Add(err, "see where things stand: %s; going on is safe: %s", menu.Typed("plan"),
			menu.Typed(cmp.Or(d.target, "deploy")))
	}
	return err
}

// changing is whether a command failed that may have done a part of its work.
func changing(err error) bool {
	failed, ok := errors.AsType[*terraform.Error](err)
	return ok && (failed.Command == "apply" || failed.Command == "destroy")
}
