package local

import (
	"context"
	"errors"
	"fmt"
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

	// Page draws what a browser sees at the address.
	Page func(context.Context, *session.Session) ([]byte, error)
}

// Serve serves the local AWS until interrupted. It prints the lines that point a shell at it and writes them to
// .local/env.
func Serve(ctx context.Context, o ServeOptions) error {
	options, faults, err := o.load()
	if err != nil {
		return err
	}
	s, err := openLocal()
	if err != nil {
		return err
	}
	options.Page = page(s, o.Page)
	// A compiled menu may be left running by the shell that started it. Below go tool or mage, the death of the parent
	// ends the server too.
	_, below := os.LookupEnv("MAGEFILE_GOCMD")
	return session.Uninterrupted(ctx, s.Console, below,
		func(ctx context.Context) error { return serve(ctx, s, options, faults) })
}

// load reads the files, and reports every fault in them before anything starts.
func (o ServeOptions) load() (options localaws.Options, faults []localaws.Fault, err error) {
	options = localaws.Options{Dialect: o.Dialect, Faults: new(localaws.Faults)}
	var errs []error
	if err := options.Check(); err != nil {
		errs = append(errs, session.Mistake(fmt.Errorf("-%w", err)))
	}
	if o.Faults != "" {
		faults, err = localaws.LoadFaults(o.Faults)
		errs = append(errs, err)
	}
	if o.Findings != "" {
		options.Findings, err = localaws.LoadFindings(o.Findings)
		errs = append(errs, err)
	}
	return options, faults, errors.Join(errs...)
}

// serve lets requests go wrong only when its own set-up is done, which must not meet a fault.
func serve(ctx context.Context, s *session.Session, options localaws.Options, faults []localaws.Fault) error {
	w, err := start(ctx, s, "serve", options)
	if err != nil {
		return err
	}
	lines, err := prepare(ctx, s, w)
	if err == nil {
		err = options.Faults.Set(faults...)
	}
	if err != nil {
		return err
	}
	s.Answer("%s", console.Lines(lines))
	s.Say("serving until interrupted; in another shell: . %s", w.path("env"))
	s.Say("to look at the images, open in a browser: %s/", w.serving.URL)
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

// prepare makes the state bucket, so that plain terraform finds it, and the shell lines that point at what is served.
func prepare(ctx context.Context, s *session.Session, w world) (lines string, err error) {
	if _, err := stack.EnsureBucket(ctx, s, s.Bucket()); err != nil {
		return "", err
	}
	cliConfig, err := stack.ConfigureProviders(s.Project, session.Environment())
	if err != nil {
		return "", err
	}
	more := map[string]string{}
	if cliConfig != "" {
		more["TF_CLI_CONFIG_FILE"] = cliConfig
	}
	lines = w.exports(more)
	return lines, files.Replace(w.path("env"), []byte(lines))
}
