package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"

	"envoy-proxy-poc/tasks/internal/hint"
)

// engine is a docker command and what it builds with.
type engine struct {
	docker  string // path of the command
	builder builder
	version string   // of the engine; empty for a fleet
	args    []string // names of build arguments; env has the values
	root    string
	env     []string
	log     io.Writer
}

func (e engine) String() string {
	if e.version == "" {
		return fmt.Sprintf("%s, by %s", e.builder, e.docker)
	}
	return fmt.Sprintf("%s of engine %s, by %s", e.builder, e.version, e.docker)
}

// findEngine finds the docker command, and what it reaches.
func findEngine(ctx context.Context, s Source) (engine, error) {
	docker, err := exec.LookPath("docker")
	if err != nil {
		return engine{}, hint.Add(errors.New("there is no docker command on the PATH"),
			"install docker, or build with -engine=native, which needs none")
	}
	e := engine{docker: docker, root: s.Root, env: slices.Clip(s.Env), args: argsFrom(s.Env), log: s.Log}
	err = e.probe(ctx)
	if ctx.Err() != nil {
		return e, context.Cause(ctx)
	}
	if err != nil {
		return e, hint.Add(fmt.Errorf("%s reaches no engine: %w", docker, err),
			"start the engine, or point DOCKER_HOST or `docker context use` at one that runs, "+
				"or build with -engine=native, which needs none")
	}
	e.env = append(e.env, e.builder.env()...)
	return e, nil
}

// argsFrom names the build arguments that env has.
func argsFrom(env []string) []string {
	return slices.DeleteFunc(slices.Clone(hostArgs), func(name string) bool { return lookup(env, name) == "" })
}

// DockerEngine names what [Build] would build Dockerfiles with.
func DockerEngine(ctx context.Context, env []string) (string, error) {
	e, err := findEngine(ctx, Source{Env: env})
	if err != nil {
		return "", err
	}
	return e.String(), nil
}
