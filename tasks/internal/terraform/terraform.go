package terraform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
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
	Vars        map[string]string // input variables, passed with every plan and destroy
	Backend     map[string]string // settings laid over the backend block at init
	LockTimeout time.Duration     // how long to wait for a locked state. The default is not to wait.
	// Stdout and Stderr receive what terraform says, as it comes; nil discards it, and then errors carry it.
	// They may be the same writer. Their errors are ignored: a writer that failed would make terraform hang.
	Stdout, Stderr io.Writer
}

// Terraform runs commands on one configuration. Commands of several Terraforms, processes included, that share a data
// folder wait for each other.
type Terraform struct {
	options Options
	env     map[string]string
	ignored []string
	signals interruption
	writing sync.Mutex // guards Stdout and Stderr
}

// New checks the options and cleans the environment. It runs nothing.
func New(o Options) (*Terraform, error) {
	var problems []error
	if o.Exec == "" {
		problems = append(problems, errors.New("no terraform binary given"))
	}
	info, err := os.Stat(o.Dir)
	switch {
	case err != nil:
		problems = append(problems, fmt.Errorf("opening the configuration folder: %w", err))
	case !info.IsDir():
		problems = append(problems, fmt.Errorf("the configuration %q is not a folder", o.Dir))
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return nil, fmt.Errorf("resolving the configuration folder: %w", err)
	}
	env, ignored := environment(o)
	o.DataDir = env["TF_DATA_DIR"]
	return &Terraform{options: o, env: env, ignored: ignored, signals: interruptionHere()}, nil
}

// Ignored names the variables of the environment that would have changed what terraform does and that are kept from it.
func (t *Terraform) Ignored() []string { return t.ignored }
