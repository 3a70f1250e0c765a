package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"

	"envoy-proxy-poc/tasks/internal/hint"
)

// engine is a docker command and what it builds with.
type engine struct {
	docker  string // path of the command
	plugin  string // path of its buildx: docker would not pass an interrupt on to it before release 25
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

// findEngine finds the docker command with the best builder. The first on the PATH may be too new for the engine, or
// may lack the plugin that another has.
func findEngine(ctx context.Context, s Source) (engine, error) {
	// Clipped, because each command that is tried appends its own.
	base := engine{root: s.Root, env: slices.Clip(s.Env), args: slices.Clip(argsFrom(s.Env)), log: s.Log}
	var best *engine
	var faults []error
	for _, command := range dockers(s.Env) {
		e, err := base.probe(ctx, command)
		if ctx.Err() != nil {
			return engine{}, context.Cause(ctx)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", command, err))
		} else if best == nil || e.builder > best.builder {
			best = &e
		}
	}
	if best == nil {
		return engine{}, unreached(s.Env, faults)
	}
	best.env = append(best.env, best.builder.env()...)
	return *best, nil
}

// argsFrom names the build arguments that env has.
func argsFrom(env []string) []string {
	return slices.DeleteFunc(slices.Clone(hostArgs), func(name string) bool { return lookup(env, name) == "" })
}

// dockers lists the docker commands on the PATH of env, each once: /bin is often a link to /usr/bin.
func dockers(env []string) []string {
	var found, seen []string
	for _, dir := range filepath.SplitList(lookup(env, "PATH")) {
		if !filepath.IsAbs(dir) {
			continue // a name without a folder would be looked up on this process's own PATH
		}
		command, err := exec.LookPath(filepath.Join(dir, "docker"))
		if err != nil {
			continue
		}
		resolved, err := filepath.EvalSymlinks(command)
		if err == nil && !slices.Contains(seen, resolved) {
			found, seen = append(found, command), append(seen, resolved)
		}
	}
	return found
}

// unreached says what was tried, where, and what each command said.
func unreached(env []string, faults []error) error {
	if len(faults) == 0 {
		return hint.Add(errors.New("there is no docker command on the PATH"),
			"install docker, or build with -engine=native, which needs none")
	}
	return hint.Add(fmt.Errorf("no docker command reaches an engine (%s):\n%w", address(env), errors.Join(faults...)),
		"start the engine, or point DOCKER_HOST or `docker context use` at one that runs, "+
			"or build with -engine=native, which needs none")
}

// address is what env says about where the engine is, without a password.
func address(env []string) string {
	host, named := lookup(env, "DOCKER_HOST"), lookup(env, "DOCKER_CONTEXT")
	if u, err := url.Parse(host); err == nil {
		host = u.Redacted()
	}
	switch {
	case host != "":
		return "DOCKER_HOST=" + host
	case named != "":
		return "DOCKER_CONTEXT=" + named
	}
	return "the current docker context"
}

// DockerEngine names what [Build] would build Dockerfiles with: the best builder, and the docker command that has it.
func DockerEngine(ctx context.Context, env []string) (string, error) {
	e, err := findEngine(ctx, Source{Env: env})
	if err != nil {
		return "", err
	}
	return e.String(), nil
}
