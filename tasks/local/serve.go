package local

import (
	"context"
	"errors"
	"os"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/files"
	"envoy-proxy-poc/tasks/localaws"
	"envoy-proxy-poc/tasks/session"
	"envoy-proxy-poc/tasks/stack"
)

// ServeOptions are the choices of Serve.
type ServeOptions struct {
	Dialect  string // oci or ecr; "" is oci
	Faults   string // a file for localaws.LoadFaults; "" for none
	Findings string // a file for localaws.LoadFindings; "" for none
}

// Serve serves the local AWS until interrupted. It prints the lines that point a shell at it and writes them to
// .local/env.
func Serve(ctx context.Context, o ServeOptions) error {
	options, err := o.load()
	if err != nil {
		return err
	}
	s, err := openLocal()
	if err != nil {
		return err
	}
	// A compiled menu may be left running by the shell that started it. Below go tool or mage, the death of the parent
	// ends the server too.
	_, below := os.LookupEnv("MAGEFILE_GOCMD")
	return session.Uninterrupted(ctx, s.Console, below, func(ctx context.Context) error { return serve(ctx, s, options) })
}

// load reads the files, and reports every fault in them before anything starts.
func (o ServeOptions) load() (localaws.Options, error) {
	options := localaws.Options{Dialect: o.Dialect}
	errs := []error{options.Check()}
	var err error
	if o.Faults != "" {
		options.Faults, err = localaws.LoadFaults(o.Faults)
		errs = append(errs, err)
	}
	if o.Findings != "" {
		options.Findings, err = localaws.LoadFindings(o.Findings)
		errs = append(errs, err)
	}
	return options, errors.Join(errs...)
}

func serve(ctx context.Context, s *session.Session, options localaws.Options) error {
	w, err := start(ctx, s, "serve", options)
	if err != nil {
		return err
	}
	if err := announce(ctx, s, w); err != nil {
		return err
	}
	select {
	case err = <-w.serving.Failed():
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if closed := w.serving.Close(ending); err == nil {
		err = closed
	}
	return err
}

// announce makes the state bucket, so that plain terraform finds it, and says how to use what is served.
func announce(ctx context.Context, s *session.Session, w world) error {
	if err := stack.EnsureBucket(ctx, s, s.Bucket()); err != nil {
		return err
	}
	cliConfig, err := stack.ConfigureProviders(s.Project, session.Environment())
	if err != nil {
		return err
	}
	more := map[string]string{}
	if cliConfig != "" {
		more["TF_CLI_CONFIG_FILE"] = cliConfig
	}
	lines := w.exports(more)
	if err := files.Replace(w.path("env"), []byte(lines)); err != nil {
		return err
	}
	s.Answer("%s", console.Lines(lines))
	s.Say("serving until interrupted; in another shell: . %s", w.path("env"))
	return nil
}
