package local

import (
	"context"
	"errors"
	"os"
	"time"

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
	p, err := session.Find()
	if err != nil {
		return err
	}
	// A compiled menu may be left running by the shell that started it; below go tool or mage, whoever kills them means
	// this.
	_, below := os.LookupEnv("MAGEFILE_GOCMD")
	return session.Uninterrupted(ctx, p.Console, below,
		func(ctx context.Context) error { return serveLocal(ctx, p, options) })
}

// load reads the files, and tells everything that is wrong before anything starts.
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

func serveLocal(ctx context.Context, p *session.Project, options localaws.Options) error {
	world, serving, err := enterLocal(ctx, p, "serve", options)
	if err != nil {
		return err
	}
	if err := announce(ctx, p, world); err != nil {
		return err
	}
	select {
	case err = <-serving.Failed():
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if closed := serving.Close(ending); err == nil {
		err = closed
	}
	return err
}

// announce makes the state bucket, so that plain terraform finds it, and says how to use what is served.
func announce(ctx context.Context, p *session.Project, world localWorld) error {
	if err := bootstrapLocal(ctx); err != nil {
		return err
	}
	more := map[string]string{}
	cliConfig, err := stack.ConfigureProviders(p, session.Environment(), p.CacheDir())
	if err != nil {
		return err
	}
	if cliConfig != "" {
		more["TF_CLI_CONFIG_FILE"] = cliConfig
	}
	lines := world.exports(more)
	if err := files.Replace(p.Path(".local", "env"), []byte(lines)); err != nil {
		return err
	}
	p.Answer("%s", lines)
	p.Say("serving until interrupted; in another shell: . %s", p.Path(".local", "env"))
	return nil
}
