package terraform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/hashicorp/terraform-exec/tfexec"

	"envoy-proxy-poc/tasks/internal/files"
)

type command struct {
	name       string
	stdout     io.Writer // receives what terraform says there; nil discards it
	quiet      bool      // keeps stderr from the user: the caller decides whether a failure is one
	askVersion bool      // asked first, else in the middle of the call, and the answer appears in stdout
	attaches   bool      // its provider may be started beforehand
	// call runs it. tf is fresh: some of terraform-exec's calls leave their writers behind.
	call func(ctx context.Context, tf *tfexec.Terraform, s *stream) error
}

func streaming(name string, stdout io.Writer, do func(context.Context, *tfexec.Terraform) error) command {
	return command{name: name, stdout: stdout, call: func(ctx context.Context, tf *tfexec.Terraform, s *stream) error {
		tf.SetStdout(s.out())
		return do(ctx, tf)
	}}
}

// run runs one command, alone in its data folder, and returns an *Error if it did not do its work. Where terraform
// finds that the folder is not what its stamp promises, it is initialised again and the command has a second try.
func (t *Terraform) run(ctx context.Context, c command) error {
	if !t.options.Occupied {
		release, err := t.Occupy(ctx)
		if err != nil {
			return fmt.Errorf("running terraform %s: %w", c.name, err)
		}
		defer release()
	}
	err := t.once(ctx, c)
	if c.name == "init" || !errors.Is(err, ErrNotInitialised) {
		return err
	}
	if err := t.again(ctx); err != nil {
		return err
	}
	return t.once(ctx, c)
}

func (t *Terraform) once(ctx context.Context, c command) error {
	tf, env, err := t.tfexec(ctx)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("running terraform %s: %w", c.name, err)
	}
	t.provider = nil
	if c.attaches && t.options.Attach != "" && ctx.Err() == nil {
		var end func()
		t.provider, end = t.attach(ctx, env)
		defer end()
	}
	if ctx.Err() != nil {
		return &Error{Command: c.name, reason: interruptedBy(ctx)}
	}
	if c.askVersion {
		if err := t.askVersion(ctx, tf); err != nil {
			return err
		}
	}
	stderr := t.options.Stderr
	if c.quiet {
		stderr = nil
	}
	s := newStream(&t.writing, c.stdout, stderr)
	tf.SetStderr(s.err())
	child, stop := t.signals.follow(ctx, s)
	err = c.call(child, tf, s)
	stop()
	endLeftover(err)
	return judge(ctx, c.name, s, err)
}

// Occupy locks the data folder until release: init, plan and apply rewrite it. Every command does so for itself, unless
// [Options.Occupied] is set: a run of several commands must not find another backend in the folder half way.
func (t *Terraform) Occupy(ctx context.Context) (release func(), err error) {
	path := filepath.Join(t.options.DataDir, "tasks.lock")
	return files.Lock(ctx, path, func(pid string) {
		t.writing.Lock()
		defer t.writing.Unlock()
		if t.options.Stderr != nil {
			_, _ = fmt.Fprintf(t.options.Stderr, "waiting for another terraform in %s (process %s)\n", t.options.DataDir, pid)
		}
	})
}

func (t *Terraform) tfexec(ctx context.Context) (tf *tfexec.Terraform, env map[string]string, err error) {
	env = maps.Clone(t.env)
	if t.options.Keys != nil {
		pairs, err := t.options.Keys(ctx)
		if err != nil {
			return nil, nil, err
		}
		maps.Copy(env, pairs)
	}
	if tf, err = tfexec.NewTerraform(t.options.Dir, t.options.Exec); err != nil {
		return nil, nil, err
	}
	if err := tf.SetEnv(env); err != nil {
		return nil, nil, err
	}
	if runtime.GOOS != "windows" {
		// 0 is "for ever": os/exec kills a child that has not ended by this time after its interrupt.
		if err := tf.SetWaitDelay(0); err != nil {
			return nil, nil, err
		}
	}
	return tf, env, nil
}

func (t *Terraform) askVersion(ctx context.Context, tf *tfexec.Terraform) error {
	s := newStream(&t.writing, nil, nil)
	tf.SetStderr(s.err())
	_, _, err := tf.Version(ctx, false)
	return judge(ctx, "version", s, err)
}

// judge turns what terraform-exec returned into nil or an *Error. It never formats a cancelled error, which can panic.
func judge(ctx context.Context, name string, s *stream, err error) error {
	if err == nil {
		return nil
	}
	e := &Error{Command: name}
	if s.stderr == nil {
		e.Stderr = clean(s.words())
	}
	exit, exited := errors.AsType[*exec.ExitError](err)
	cancelled := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	switch {
	case cancelled && !exited && closed(s.first):
		return nil // it ended well after all: os/exec reports the context although terraform exited 0
	case ctx.Err() != nil:
		e.reason = interruptedBy(ctx)
	case exited:
		e.reason = diagnose(s.words())
		if _, locked := errors.AsType[*LockedError](e.reason); locked {
			e.Stderr = "" // it says nothing that the reason does not
		}
		if e.reason == nil && exit.ExitCode() < 0 {
			e.reason = errors.New(exit.Error()) // the bare signal: terraform-exec's text repeats all of stderr
		}
	default:
		e.reason = err
	}
	return e
}

func interruptedBy(ctx context.Context) error {
	return fmt.Errorf("interrupted: %w", context.Cause(ctx))
}
