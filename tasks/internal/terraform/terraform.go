package terraform

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// Options say which terraform runs what, and as whom.
type Options struct {
	Exec string // path of the terraform binary, see [Find]. Required.
	Dir  string // folder of the configuration. Required.
	// DataDir is where terraform keeps its working data. The default is TF_DATA_DIR, else .terraform below Dir.
	DataDir string
	// CLIConfig is the CLI configuration file (TF_CLI_CONFIG_FILE), see [Providers.Configure].
	// Optional: the environment's own, unless it names no file.
	CLIConfig string
	Env       map[string]string // the caller's environment. It is copied and cleaned: see [Terraform.Ignored].
	// Keys are the AWS credentials as variables, asked for before each command. They reach terraform's environment alone.
	// Optional: not every command talks to AWS.
	Keys        func(context.Context) (map[string]string, error)
	Occupied    bool              // this run has the data folder already, by [Terraform.Occupy]
	Locked      bool              // terraform does not lock the state: the caller holds the lock, or wants none
	Destroys    bool              // a plan is one to delete all that the state holds
	Vars        map[string]string // input variables, passed with every plan
	Backend     map[string]string // settings laid over the backend block at init
	LockTimeout time.Duration     // how long to wait for a locked state. The default is not to wait.
	// Stdout and Stderr receive what terraform says, as it comes; nil discards it, and then errors carry it.
	// They may be the same writer. Their errors are ignored: a writer that failed would make terraform hang.
	Stdout, Stderr io.Writer
	// Attach is a folder for checksums that are remembered. With it, plan, show, apply and import attach to a provider that
	// is started beforehand, see [Terraform.attach]. Unattached is told why that was not possible. It is required then.
	Attach     string
	Unattached func(why error)
	Confirm    func(Initialised) error // refuses the backend of the data folder, after each init or instead of it
}

// Terraform runs commands on one configuration. Commands of several Terraforms, processes included, that share a data
// folder wait for each other.
type Terraform struct {
	options  Options
	env      map[string]string
	ignored  []string
	signals  interruption
	provider tfexec.ReattachInfo // the one that the command under way attaches to, nil for none
	writing  sync.Mutex          // guards Stdout and Stderr
}

// New cleans the environment. It runs nothing.
func New(o Options) (_ *Terraform, err error) {
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return nil, fmt.Errorf("resolving the configuration folder: %w", err)
	}
	env, ignored := environment(o)
	o.DataDir = env["TF_DATA_DIR"]
	return &Terraform{options: o, env: env, ignored: ignored, signals: interruptionOn(runtime.GOOS)}, nil
}

// Ignored names the variables of the environment that would have changed what terraform does and that are kept from it.
func (t *Terraform) Ignored() []string { return t.ignored }
