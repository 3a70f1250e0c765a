package terraform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/go-version"

	"envoy-proxy-poc/tasks/internal/hint"
)

// Binary is a terraform that can be run.
type Binary struct {
	Path      string
	Version   string
	Installed bool // it was downloaded just now
}

// Search says what terraform is wanted and where it may be.
type Search struct {
	Constraint string            // what required_version says, such as ">= 1.11.0, < 2.0.0". Required.
	Exact      string            // a terraform that the user named, TERRAFORM_PATH: this one or none. Optional.
	Path       string            // the value of PATH. Relative folders in it are skipped, as Go does.
	Env        map[string]string // the caller's environment, for version managers that pose as terraform. Optional.
	Dir        string            // where terraform will run: version managers choose by it. The default is here.
	CacheDir   string            // holds one folder a version. Without it nothing is installed.
	Install    string            // the exact version to install. Without it nothing is installed.
	BaseURL    string            // in place of releases.hashicorp.com. For tests.
	Story      io.Writer         // is told what takes long. Optional.

	ArmoredPublicKey string                  // verifies the download in place of HashiCorp's key. For tests.
	Progress         func(done, total int64) // is told how many bytes of the download are here. Optional.
}

// Find returns the first terraform that satisfies the constraint: only the one the user named; or on the PATH, in the
// cache, or else installed there. hc-install's own lookup reads the environment of the process, mixes stderr into the
// version it parses, and does not name a terraform of the wrong version.
func Find(ctx context.Context, s Search) (Binary, error) {
	wanted, err := version.NewConstraint(s.Constraint)
	if err != nil {
		return Binary{}, fmt.Errorf("reading version constraint %q: %w", s.Constraint, err)
	}
	if s.Exact != "" {
		return s.named(ctx, wanted)
	}
	var passedOver []string
	for _, path := range append(onPath(s.Path), s.cached(wanted)...) {
		b, why := s.try(ctx, path, wanted)
		if why == "" {
			return b, nil
		}
		passedOver = append(passedOver, path+": "+why)
	}
	if err := ctx.Err(); err != nil {
		return Binary{}, fmt.Errorf("finding terraform %s: %w", s.Constraint, err)
	}
	b, err := s.install(ctx, wanted)
	switch {
	case err == nil:
		return b, nil
	case ctx.Err() != nil: // the user stopped it: that is no reason to put one anywhere
		return Binary{}, fmt.Errorf("finding terraform %s: %w", s.Constraint, err)
	}
	return Binary{}, s.notFound(err, passedOver)
}

// named is the terraform that the user named. What is wrong with it is an error.
func (s Search) named(ctx context.Context, wanted version.Constraints) (Binary, error) {
	path, err := filepath.Abs(s.Exact)
	if err != nil {
		return Binary{}, fmt.Errorf("reading TERRAFORM_PATH: %w", err)
	}
	b, why := Binary{}, "it is not there"
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		why = err.Error()
	case info.IsDir():
		why = "it is a folder"
	case !executable(info):
		why = "it is not executable"
	default:
		if b, why = s.try(ctx, path, wanted); why == "" {
			return b, nil
		}
	}
	if err := ctx.Err(); err != nil {
		return Binary{}, fmt.Errorf("finding terraform %s: %w", s.Constraint, err)
	}
	return Binary{}, hint.Add(fmt.Errorf("finding terraform %s: TERRAFORM_PATH is %s: %s", s.Constraint, s.Exact, why),
		"let it name the terraform itself, as /usr/local/bin/%s, or unset it: then the PATH is searched", binaryName())
}

// try runs a candidate. why is empty if it will do.
func (s Search) try(ctx context.Context, path string, wanted version.Constraints) (b Binary, why string) {
	v, err := s.probe(ctx, path)
	if err != nil {
		return Binary{}, err.Error()
	}
	if !wanted.Check(v) {
		return Binary{}, "version " + v.String()
	}
	return Binary{Path: path, Version: v.String()}, ""
}

// errNoInstall: there is no place or no version to install.
var errNoInstall = errors.New("nothing to install is set")

func (s Search) notFound(err error, passedOver []string) error {
	searched := "the PATH"
	if s.CacheDir != "" {
		searched += " and " + s.CacheDir
	}
	text := fmt.Sprintf("finding terraform %s: none in %s", s.Constraint, searched)
	if len(passedOver) > 0 {
		text += " (passed over: " + strings.Join(passedOver, "; ") + ")"
	}
	next := fmt.Sprintf("put a terraform %s on the PATH", s.Constraint)
	if errors.Is(err, errNoInstall) {
		return hint.Add(errors.New(text), "%s", next)
	}
	return hint.Add(fmt.Errorf("%s, and %w", text, err), "%s, name one in TERRAFORM_PATH, or put version %s at %s", next,
		s.Install, s.place(s.Install))
}
