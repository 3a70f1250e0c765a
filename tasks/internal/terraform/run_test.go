package terraform

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"envoy-proxy-poc/tasks/internal/awserr"
)

// Keys are asked for before each command, and reach terraform's environment alone.
func TestKeysAreAskedForBeforeEachCommand(t *testing.T) {
	t.Parallel()
	asked := 0
	tf, notes := fake(t, "quick", Options{Keys: func(context.Context) (map[string]string, error) {
		asked++
		return map[string]string{"AWS_SECRET_ACCESS_KEY": fmt.Sprintf("secret-%d", asked)}, nil
	}})
	must(t, tf.Init(t.Context()))
	must(t, tf.Apply(t.Context(), "x"))
	env := notes.lines("env")
	for _, want := range []string{"AWS_SECRET_ACCESS_KEY=secret-1", "AWS_SECRET_ACCESS_KEY=secret-2"} {
		if !slices.Contains(env, want) {
			t.Errorf("no command had %s", want)
		}
	}
	if said := strings.Join(notes.lines("args"), " "); strings.Contains(said, "secret") {
		t.Errorf("the arguments are %s", said)
	}
	if text, err := tf.fingerprint(); err != nil || strings.Contains(text, "secret") || tf.env["AWS_SECRET_ACCESS_KEY"] != "" {
		t.Errorf("the stamp is %q, %v, and the keys are kept", text, err)
	}
}

// Without keys no command starts.
func TestNoKeysNoCommand(t *testing.T) {
	t.Parallel()
	gone := errors.New("signed out")
	tf, notes := fake(t, "quick", Options{Keys: func(context.Context) (map[string]string, error) { return nil, gone }})
	if err := tf.Apply(t.Context(), "x"); !errors.Is(err, gone) {
		t.Errorf("the error is %v, want %v", err, gone)
	}
	if args := notes.lines("args"); args != nil {
		t.Errorf("terraform ran: %q", args)
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	o := Options{
		LockTimeout: 90 * time.Second,
		Vars:        map[string]string{"region": "us-west-2", "profile": "p"},
		Backend:     map[string]string{"profile": "p"},
	}
	tests := []struct {
		name string
		call func(context.Context, *Terraform) error
		want []string // among others, in this order
	}{
		{
			"init", func(ctx context.Context, tf *Terraform) error { return tf.Init(ctx) },
			[]string{"init", "-input=false", "-reconfigure", "-backend-config=profile=p"},
		},
		{
			"plan", func(ctx context.Context, tf *Terraform) error {
				_, err := tf.Plan(ctx, filepath.Join(t.TempDir(), "x"))
				return err
			},
			[]string{"plan", "-detailed-exitcode", "-lock-timeout=1m30s", "-var", "profile=p", "-var", "region=us-west-2"},
		},
		{
			"apply", func(ctx context.Context, tf *Terraform) error { return tf.Apply(ctx, "/tmp/x.tfplan") },
			[]string{"apply", "-auto-approve", "-lock-timeout=1m30s", "/tmp/x.tfplan"},
		},
		{
			"apply under the caller's lock", func(ctx context.Context, tf *Terraform) error {
				tf.options.Locked = true
				return tf.Apply(ctx, "/tmp/x.tfplan")
			},
			[]string{"apply", "-lock=false", "/tmp/x.tfplan"},
		},
		{
			"a destroy plan under the caller's lock", func(ctx context.Context, tf *Terraform) error {
				tf.options.Locked, tf.options.Destroys = true, true
				plan, err := tf.Plan(ctx, filepath.Join(t.TempDir(), "x"))
				if !plan.Destroys {
					t.Error("the plan does not say that it destroys")
				}
				return err
			},
			[]string{"plan", "-lock=false", "-destroy"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tf, notes := fake(t, "quick", o)
			if err := test.call(t.Context(), tf); err != nil {
				t.Fatal(err)
			}
			got := notes.lines("args")
			rest := got
			for _, want := range test.want {
				i := slices.Index(rest, want)
				if i < 0 {
					t.Fatalf("arguments %q lack %q after the earlier ones of %q", got, want, test.want)
				}
				rest = rest[i+1:]
			}
			for _, never := range []string{"-force-copy", "-lock=false", "-migrate-state"} {
				if slices.Contains(got, never) && !slices.Contains(test.want, never) {
					t.Errorf("arguments %q hold %q", got, never)
				}
			}
			if test.name == "apply" && slices.Contains(got, "-var") {
				t.Errorf("arguments %q: variables with a saved plan are an error", got)
			}
		})
	}
}

func TestVersionQuestionIsNotStreamed(t *testing.T) {
	out := &watched{}
	tf, _ := fake(t, "quick", Options{Stdout: out, Stderr: out})
	if err := tf.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	if out.String() != "" {
		t.Errorf("streamed %q, want nothing", out)
	}
}

func TestWhatWasStreamedIsNotRepeated(t *testing.T) {
	const said = "\nError: Something else\n"
	env := map[string]string{"FAKE_STDERR": said}
	streamed := &watched{}
	tf, _ := fake(t, "stderr", Options{Env: env, Stderr: streamed})
	err := tf.Apply(t.Context(), "x")
	if want := "terraform apply failed"; err == nil || err.Error() != want {
		t.Errorf("streamed: error = %q, want %q", err, want)
	}
	if streamed.String() != said {
		t.Errorf("streamed %q, want %q", streamed, said)
	}
	tf, _ = fake(t, "stderr", Options{Env: env})
	err = tf.Apply(t.Context(), "x")
	if want := "terraform apply failed:\nError: Something else"; err == nil || err.Error() != want {
		t.Errorf("not streamed: error = %q, want %q", err, want)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// A writer that fails must not stop terraform: with nobody reading, it would wait for ever on a full pipe.
func TestBrokenWriterDoesNotHang(t *testing.T) {
	tf, _ := fake(t, "stderr", Options{Stdout: broken{}, Stderr: broken{}, Env: map[string]string{
		"FAKE_STDERR": strings.Repeat("a line of text\n", 5000) + "Error: S3 bucket \"b\" does not exist.\n",
	}})
	if err := tf.Init(t.Context()); !errors.Is(err, awserr.ErrNoBucket) {
		t.Errorf("Init = %v, want ErrNoBucket", err)
	}
}

func TestMissingBinary(t *testing.T) {
	tf := New(Options{Exec: filepath.Join(t.TempDir(), "terraform"), Dir: t.TempDir()})
	if err := tf.Apply(t.Context(), "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Apply = %v, want os.ErrNotExist", err)
	}
}
