package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/internal/hint"
)

// engine is a docker command and what it builds with.
type engine struct {
	docker  string // path of the command
	plugin  string // path of its buildx: docker would not pass an interrupt on to it before release 25
	builder builder
	version string   // of the engine; empty for a fleet
	args    []string // names of build arguments whose values env has
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

// engine finds, of the docker commands at hand, the one with the best builder. The first on the PATH may be too new for
// the engine, or may lack the plugin that another has.
func (d Docker) engine(ctx context.Context, s Source) (engine, error) {
	base := engine{root: s.Root, env: slices.Clone(s.Env), log: s.Log}
	base.setArgs(d.BuildArgs)
	commands := d.Commands
	if commands == nil {
		commands = dockers(s.Env)
	}
	var best *engine
	var faults []error
	for _, command := range commands {
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

// setArgs hands build arguments on, through the environment of the docker command.
func (e *engine) setArgs(args map[string]string) {
	for _, name := range hostArgs {
		if _, given := args[name]; !given && lookup(e.env, name) != "" {
			e.args = append(e.args, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(args)) {
		e.args = append(e.args, name)
		e.env = append(e.env, name+"="+args[name])
	}
	e.args, e.env = slices.Clip(e.args), slices.Clip(e.env) // each docker command that is tried appends its own
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
		"start the engine, or point DOCKER_HOST or `docker context use` at one that runs, or build with -engine=native, which needs none")
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

// firstLine is the first line of what a command said that is not empty.
func firstLine(said string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(said), "\n")
	return first
}

// Engine names what [BuildDocker] would build with: the best builder of the docker commands at hand, and where it was
// found.
func (d Docker) Engine(ctx context.Context, env []string) (string, error) {
	e, err := d.engine(ctx, Source{Env: env})
	if err != nil {
		return "", err
	}
	return e.String(), nil
}
