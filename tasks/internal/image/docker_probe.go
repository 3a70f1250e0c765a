package image

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// builder is what turns a Dockerfile into an image: the higher, the better.
type builder int

const (
	classic  builder = iota // the engine's first builder: one platform, its own; what docker build means without a plugin
	buildKit                // the engine's BuildKit, by a docker command that speaks to it without a plugin (before 23)
	buildx                  // the engine's BuildKit, by the buildx plugin
	fleet                   // BuildKit outside of the engine: a container, a cluster, another machine
)

func (b builder) String() string {
	return [...]string{"the classic builder", "BuildKit", "BuildKit (buildx)", "a BuildKit of its own (buildx)"}[b]
}

// env is what makes the docker command use this builder and no other. Attestations would make each platform two
// manifests.
func (b builder) env() []string {
	env := []string{"DOCKER_CLI_HINTS=false", "BUILDX_NO_DEFAULT_ATTESTATIONS=1", "BUILDX_GIT_INFO=false"}
	if b == classic {
		// With a default platform the classic builder would refuse to copy from a stage of its own platform.
		return append(env, "DOCKER_BUILDKIT=0", "DOCKER_DEFAULT_PLATFORM=")
	}
	return append(env, "DOCKER_BUILDKIT=1")
}

// versions is the part of `docker version --format '{{json .}}'` that counts.
type versions struct {
	Client struct{ Version, Context string }
	Server *struct {
		Version, Os, Arch string
		Components        []struct{ Name string }
	}
}

// podman answers for Docker and builds, but has no BuildKit.
func (v versions) podman() bool {
	return slices.ContainsFunc(v.Server.Components,
		func(c struct{ Name string }) bool { return c.Name == "Podman Engine" })
}

// probe asks a docker command what it reaches.
func (e engine) probe(ctx context.Context, command string) (engine, error) {
	e.docker = command
	driver, err := e.driver(ctx)
	if err != nil {
		return e, err
	}
	if driver != "" && driver != "docker" {
		e.builder = fleet
		return e, nil
	}
	said, err := e.ask(ctx, e.docker, "version", "--format", "{{json .}}")
	if err != nil {
		return e, err
	}
	var v versions
	if err := json.Unmarshal(said, &v); err != nil {
		return e, fmt.Errorf("reading its versions: %w", err)
	}
	if v.Server == nil {
		return e, errors.New("it names no engine")
	}
	e.version, e.builder = v.Server.Version, v.builder(driver)
	if e.builder == buildx && v.Client.Context != "" {
		e.env = append(e.env, "BUILDX_BUILDER="+v.Client.Context) // the builder that loads into this engine
	}
	if v.podman() { // to which linux alone is no platform
		e.args = append(e.args, "BUILDPLATFORM")
		e.env = append(e.env, "BUILDPLATFORM="+v.Server.Os+"/"+v.Server.Arch)
	}
	if e.onlyClassic() {
		e.builder = classic
	}
	return e, nil
}

// onlyClassic is what DOCKER_BUILDKIT=0 says to docker too.
func (e engine) onlyClassic() bool {
	wanted, err := strconv.ParseBool(lookup(e.env, "DOCKER_BUILDKIT"))
	return err == nil && !wanted
}

// builder is the best that this docker command and this engine have in common.
func (v versions) builder(driver string) builder {
	if v.podman() {
		return classic
	}
	if driver == "docker" {
		return buildx
	}
	major, _, _ := strings.Cut(v.Client.Version, ".")
	if n, err := strconv.Atoi(major); err == nil && n < 23 {
		return buildKit
	}
	return classic
}

// pluginPath has docker say where the buildx plugin is. It answers without an engine too.
const pluginPath = `{{range .ClientInfo.Plugins}}{{if eq .Name "buildx"}}{{if not .Err}}{{.Path}}{{end}}{{end}}{{end}}`

// driver finds the buildx plugin and the driver of its current builder, docker for the engine's own; empty without the
// plugin or where it is not wanted.
func (e *engine) driver(ctx context.Context) (string, error) {
	if e.onlyClassic() {
		return "", nil
	}
	said, err := e.ask(ctx, e.docker, "info", "--format", pluginPath)
	if e.plugin = strings.TrimSpace(string(said)); err != nil || e.plugin == "" {
		return "", nil // whether there is an engine, version says
	}
	said, err = e.ask(ctx, e.plugin, "inspect")
	if err != nil {
		return "", fmt.Errorf("looking at its buildx builder: %w", err)
	}
	return parseDriver(string(said)), nil
}

// parseDriver reads the driver in the words of `docker buildx inspect`. The older of its releases have no other form.
func parseDriver(said string) string {
	for line := range strings.Lines(said) {
		if driver, ok := strings.CutPrefix(line, "Driver:"); ok {
			return strings.TrimSpace(driver)
		}
	}
	return ""
}

// ask runs a docker command that answers at once. An error is the first line it said.
func (e engine) ask(ctx context.Context, program string, args ...string) (stdout []byte, err error) {
	var stderr strings.Builder
	cmd := interruptible(ctx, program, e.root, e.env, args...)
	cmd.Stderr = &stderr
	stdout, err = cmd.Output()
	if first, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n"); err != nil && first != "" {
		err = errors.New(first)
	}
	return stdout, err
}
