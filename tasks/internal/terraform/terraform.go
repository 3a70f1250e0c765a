// Package terraform finds or installs the terraform binary, points it at its providers and runs it.
//
// [Find] returns a binary that satisfies a version constraint. [ChooseProviders] decides where the providers come from.
// [New] ties a binary to a configuration; [Terraform.Init], [Terraform.Plan], [Terraform.Apply] and the others run one
// command each, stream what terraform says and return an [*Error], of which the reason ([awserr.ErrNoBucket],
// [ErrProviders], [*LockedError]) tells what the user has to do next.
//
// terraform keeps in its data folder which backend it was initialised for, but not at which endpoint. So a stamp beside
// it says so, [Terraform.Prepare] initialises a folder that is not of this configuration and endpoint, and a run has
// the folder for itself: [Terraform.Occupy].
//
// A terraform that dies in the middle leaves its lock behind, and perhaps resources no state knows of. So a cancelled
// context means: one interrupt, and then waiting for as long as terraform needs. Nothing here ever kills it, and a
// command that had finished its work when the interrupt came is a success.
package terraform

import (
	"context"
	"io"
	"runtime"
	"sync"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// Options say which terraform runs what, and as whom.
type Options struct {
	Exec      string            // path of the terraform binary, see [Find]. Required.
	Dir       string            // folder of the configuration, an absolute path. Required.
	DataDir   string            // terraform's working data; the default is TF_DATA_DIR, else .terraform below Dir
	CLIConfig string            // see [Providers.Configure]; the default is the environment's, unless it names no file
	Env       map[string]string // the caller's environment. It is copied and cleaned: see [Terraform.Ignored].
	// Keys are AWS credentials as variables, asked for before each command. Optional.
	Keys        func(context.Context) (map[string]string, error)
	Occupied    bool              // this run has the data folder already, by [Terraform.Occupy]
	Locked      bool              // terraform does not lock the state: the caller holds the lock, or wants none
	Destroys    bool              // a plan is one to delete all that the state holds
	Vars        map[string]string // input variables, passed with every plan
	Backend     map[string]string // settings laid over the backend block at init
	LockTimeout time.Duration     // how long to wait for a locked state. The default is not to wait.
	// Stdout and Stderr receive what terraform says, as it comes; nil discards it, and then errors carry it. They may be
	// the same. Their errors are ignored: a writer that failed would make terraform hang.
	Stdout, Stderr io.Writer
	// Attach is a folder of the user's that remembers which providers an init has checked. With it, plan, show, apply and
	// import attach to a provider that is started beforehand. Unattached, then required, is told why that was not possible.
	Attach     string
	Unattached func(why error)
	// Types are those of the resources in the state, and in a plan that is applied. Nil, not known, makes what attaches
	// slower.
	Types   []string
	Confirm func(Initialised) error // refuses the backend of the data folder, after each init or instead of it
}

// Terraform runs commands on one configuration. Several that share a data folder wait for each other.
type Terraform struct {
	options  Options
	env      map[string]string
	ignored  []string
	signals  interruption
	provider tfexec.ReattachInfo // the one that the command under way attaches to, nil for none
	writing  sync.Mutex          // guards Stdout and Stderr
}

// New cleans the environment. It runs nothing.
func New(o Options) *Terraform {
	env, ignored := environment(o)
	o.DataDir = env["TF_DATA_DIR"]
	return &Terraform{options: o, env: env, ignored: ignored, signals: interruptionOn(runtime.GOOS)}
}

// Ignored names the variables of the environment that are kept from terraform and would have changed what it does.
func (t *Terraform) Ignored() []string { return t.ignored }
