package stack

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/magefile/mage/mg"

	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/settings"
	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// DefaultLockTimeout is how long a run waits for another run's state lock: longer than a deploy takes here.
const DefaultLockTimeout = 2 * time.Minute

// Stack runs Terraform as the settings say, and adds a hint to its errors.
type Stack struct {
	*console.Console
	Session   *session.Session
	Held      []state.Repository // in the state, when the target began or had adopted some
	leftovers []string           // addresses in the state that the bash scripts left
	options   terraform.Options
	client    *s3.Client      // of the state's bucket
	version   string          // of the Terraform
	lock      *state.LockInfo // that this run holds, nil for none
	target    string          // what the user types to go on, after an error
	onlyLooks bool            // the target changes nothing, so an interrupt cannot leave anything half done
	changed   bool            // this run has changed the state
}

func newStack(ctx context.Context, opened *session.Session, lockTimeout time.Duration) (*Stack, error) {
	account := opened.AWS
	client, err := opened.S3(ctx)
	if err != nil {
		return nil, err
	}
	env := session.Environment()
	binary, cliConfig, err := FindTerraform(ctx, opened, env)
	if err != nil {
		return nil, err
	}
	if err := account.HandOver(ctx, env); err != nil {
		return nil, err
	}
	backend := map[string]string{"profile": ""}
	if opened.Settings.Given != "" {
		maps.Copy(backend, opened.Settings.Backend.Arguments())
	}
	if client.Options().UsePathStyle {
		backend["use_path_style"] = "true"
	}
	s := &Stack{Console: opened.Console, Session: opened, client: client, version: binary.Version}
	s.options = terraform.Options{
		Exec: binary.Path, Dir: opened.Project.Path(opened.Project.TerraformDir()), CLIConfig: cliConfig, Env: env,
		DataDir: DataDir(opened), Keys: account.Keys, Backend: backend,
		Vars:        map[string]string{"region": account.Region, "profile": "", "environment": opened.Settings.Given},
		LockTimeout: lockTimeout, Stderr: opened.Story(), Confirm: s.checkBackend,
	}
	if err := s.attach(env["TF_PROVIDER_ATTACH"]); err != nil {
		return nil, err
	}
	return s, s.warnIgnored()
}

func (s *Stack) attach(wanted string) error {
	switch wanted {
	case "", "0":
		return nil
	case "1":
		var once sync.Once // not before each command
		s.options.Attach = filepath.Join(s.Session.Project.CacheDir(), "providers")
		s.options.Unattached = func(why error) {
			once.Do(func() { s.Say("Terraform starts the provider itself: %v", why) })
		}
		return nil
	}
	return hint.Add(fmt.Errorf("TF_PROVIDER_ATTACH is %q, want 1 or 0", wanted), "unset TF_PROVIDER_ATTACH")
}

// warnIgnored names the variables that the user set and Terraform does not get. Input variables of other
// configurations need no warning.
func (s *Stack) warnIgnored() error {
	declared, err := settings.Variables(s.options.Dir)
	if err != nil {
		return err
	}
	ignored := slices.DeleteFunc(slices.Clone(terraform.New(s.options).Ignored()), func(name string) bool {
		variable, isInput := strings.CutPrefix(name, "TF_VAR_")
		return isInput && !slices.Contains(declared, variable)
	})
	if len(ignored) > 0 {
		s.Warn("not passed on to Terraform: %s", strings.Join(ignored, ", "))
	}
	return nil
}

// Init prepares Terraform's data folder, if it has to be. What Terraform says is for readers where it fails or warns.
func (s *Stack) Init(ctx context.Context) error {
	prepare := func(tf *terraform.Terraform) error { return tf.Prepare(ctx) }
	if mg.Verbose() {
		return s.run(s.Story(), prepare)
	}
	var said bytes.Buffer
	quiet := *s
	quiet.options.Stderr = nil // it is in the error
	done := s.Waiting("initialising Terraform")
	err := quiet.run(&said, prepare)
	done()
	switch at, found := bytes.Index(said.Bytes(), []byte("Warning: ")), uses.FindSubmatch(said.Bytes()); {
	case err != nil:
	case bytes.Contains(said.Bytes(), []byte("Warning: Incomplete lock file")):
		s.Warn(".terraform.lock.hcl has the provider's checksum for this platform only; to add the others: %s",
			menu.Typed("providers:lock"))
	case at >= 0:
		_, _ = s.Story().Write(said.Bytes()[at:])
	case found != nil:
		s.Say("initialising Terraform: %s %s", found[1], found[2])
	}
	return err
}

// uses is a line of an init that names a provider and its version.
var uses = regexp.MustCompile(`(?m)^- (?:Installing|Using previously-installed|Using) (\S+) v(\S+?)(?:\.\.\.| from .*)?$`)

// place is where a file of the configuration has a fault.
var place = regexp.MustCompile(`\.tf(:| line )\d`)

// Ask asks as the session does. The answer no says that nothing was changed only where that is true.
func (s *Stack) Ask(ctx context.Context, yes bool, question, word string) error {
	if _, err := s.Session.AWS.Keys(ctx); err != nil { // a code for it is asked for now, not after the answer
		return err
	}
	if s.changed {
		return s.Session.AskMidway(ctx, yes, question, word)
	}
	return s.Session.Ask(ctx, yes, question, word)
}

func (s *Stack) run(stdout io.Writer, call func(*terraform.Terraform) error) error {
	options := s.options
	if options.Stdout = stdout; stdout != nil && !mg.Verbose() {
		options.Stdout = terraform.Brief(stdout)
	}
	return s.remedy(call(terraform.New(options)))
}

func (s *Stack) remedy(err error) error {
	locked := (*terraform.LockedError)(nil)
	failed, _ := errors.AsType[*terraform.Error](err)
	switch {
	case errors.As(err, &locked):
		return lockHint(err, locked.ID)
	case errors.Is(err, awserr.ErrNoBucket):
		return s.Session.AWS.Explain(err)
	case errors.Is(err, terraform.ErrChecksum):
		return hint.Add(err, "if the provider comes from a source that you trust, record its checksum for this platform: %s",
			menu.Typed("providers:lock"))
	case errors.Is(err, terraform.ErrProviders):
		return hint.Add(err, "where the registry cannot be reached, set TF_PROVIDER_MIRROR to a folder that holds "+
			"registry.terraform.io/hashicorp/aws (terraform providers mirror DIR makes one)")
	case errors.Is(err, terraform.ErrExpired):
		return hint.Add(err, "renew %s (aws sso login); then going on is safe: %s", s.Session.AWS.Whose(),
			menu.Typed(cmp.Or(s.target, "plan")))
	case errors.Is(err, context.Canceled) && s.onlyLooks:
		return hint.Add(err, "nothing was changed; once more: %s", menu.Typed(s.target))
	case errors.Is(err, context.Canceled),
		failed != nil && failed.Command == "apply": // which may have done a part of its work
		return hint.Add(err, "see where things stand: %s; going on is safe: %s", menu.Typed("plan"),
			menu.Typed(cmp.Or(s.target, "deploy")))
	case failed != nil && place.MatchString(failed.Stderr):
		return hint.Add(err, "correct what Terraform names, then once more: %s", menu.Typed(cmp.Or(s.target, "plan")))
	}
	return err
}
