package image

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"envoy-proxy-poc/tasks/internal/hint"
)

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

// buildArgs is docker's command line. The image goes to dest: a tag, for a fleet a file.
func (e engine) buildArgs(s Source, app string, p v1.Platform, dest string) []string {
	args := []string{"build", "--progress=plain", "--tag=" + dest, "--platform=" + p.String()}
	switch e.builder {
	case classic:
		args = []string{
			"build", "--force-rm", "--tag=" + dest, "--build-arg=TARGETOS=" + p.OS,
			"--build-arg=TARGETARCH=" + p.Architecture,
		}
	case fleet:
		args = []string{
			"buildx", "build", "--progress=plain", "--output=type=docker,dest=" + dest, "--platform=" + p.String(),
		}
	}
	args = append(args, "--file="+dockerfile(app), "--build-arg=VERSION="+s.Revision.Version())
	for _, name := range slices.Sorted(maps.Keys(s.recipe.Args)) {
		args = append(args, "--build-arg="+name+"="+s.recipe.Args[name])
	}
	if s.recipe.Target != "" {
		args = append(args, "--target="+s.recipe.Target)
	}
	t := targets[p.Architecture]
	if level, ok := t.variants[p.Variant]; ok && level != t.level { // one that the go command would not pick by itself
		args = append(args, "--build-arg="+t.variable+"="+level)
	}
	for _, name := range e.args {
		args = append(args, "--build-arg="+name)
	}
	labels := s.annotations(app)
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		args = append(args, "--label="+name+"="+labels[name])
	}
	if below := s.context(); below != "." {
		return append(args, "./"+below) // which is no address of a repository
	}
	return append(args, ".")
}

const removeLimit = 10 * time.Second // for the engine to forget a tag

// load builds for one platform and saves the image. A tag of its own leaves other builds and the user's tags alone.
func (e engine) load(ctx context.Context, s Source, app string, p v1.Platform, file string) error {
	tag := "envoy-proxy-poc-build:" + strings.ToLower(rand.Text())
	defer e.untag(ctx, tag)
	if err := e.execute(ctx, nil, e.buildArgs(s, app, p, tag)...); err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("making a file for the image: %w", err)
	}
	defer f.Close()
	if err := e.execute(ctx, f, "image", "save", tag); err != nil {
		return fmt.Errorf("taking the image out of the engine: %w", err)
	}
	return f.Close()
}

// execute runs docker. Its stdout goes to w, or without one to the log.
func (e engine) execute(ctx context.Context, w io.Writer, args ...string) error {
	said := newTranscript(e.log)
	cmd := interruptible(ctx, e.docker, e.root, e.env, args...)
	cmd.Stdout, cmd.Stderr = w, said
	if w == nil {
		cmd.Stdout = said
	}
	err := cmd.Run()
	said.Flush()
	if err != nil {
		return e.explain(ctx, err, said.kept)
	}
	return nil
}

// untag removes a build's tag, after an interrupt too; the engine keeps its cache.
func (e engine) untag(ctx context.Context, tag string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeLimit)
	defer cancel()
	_, _ = e.ask(ctx, "image", "rm", tag)
}
