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

type builder int

const (
	classic  builder = iota // the engine's first builder, of docker without a plugin: for one platform, its own
	buildKit                // the engine's BuildKit
	fleet                   // BuildKit outside of the engine, by the buildx plugin: a container, a cluster, a machine
)

func (b builder) String() string {
	return [...]string{"the classic builder", "BuildKit", "a BuildKit of its own (buildx)"}[b]
}

// env makes docker use this builder. Attestations would make each platform two manifests.
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
	Client struct{ Version string }
	Server struct {
		Version, Os, Arch string
		Components        []struct{ Name string }
	}
}

// podman answers for Docker and builds, but has no BuildKit.
func (v versions) podman() bool {
	return slices.Contains(v.Server.Components, struct{ Name string }{"Podman Engine"})
}

// probe asks the docker command what it reaches. A fleet needs no engine.
func (e *engine) probe(ctx context.Context) error {
	var v versions
	said, noEngine := e.ask(ctx, "version", "--format", "{{json .}}")
	if noEngine == nil {
		if err := json.Unmarshal(said, &v); err != nil {
			return fmt.Errorf("reading its versions: %w", err)
		}
	}
	wanted, err := strconv.ParseBool(lookup(e.env, "DOCKER_BUILDKIT"))
	driver := ""
	if onlyClassic := err == nil && !wanted; !onlyClassic && !v.podman() {
		if driver, err = e.driver(ctx); err != nil {
			return err
		}
		e.builder = v.builder(driver)
	}
	if e.builder == fleet {
		return nil
	}
	if e.version = v.Server.Version; noEngine == nil && e.version == "" {
		noEngine = errors.New("it names no engine")
	}
	if v.podman() { // to which linux alone is no platform
		e.args = append(e.args, "BUILDPLATFORM")
		e.env = append(e.env, "BUILDPLATFORM="+v.Server.Os+"/"+v.Server.Arch)
	}
	return noEngine
}

// builder is the best that docker reaches, with this driver of its current buildx builder.
func (v versions) builder(driver string) builder {
	major, _, _ := strings.Cut(v.Client.Version, ".")
	release, err := strconv.Atoi(major)
	switch {
	case driver != "" && driver != "docker":
		return fleet
	case driver == "docker" || err == nil && release < 23: // until then, docker needed no plugin for it
		return buildKit
	}
	return classic
}

// driver is that of the current buildx builder, docker for the engine's own; empty without the plugin.
func (e *engine) driver(ctx context.Context) (string, error) {
	if _, err := e.ask(ctx, "buildx", "version"); err != nil {
		return "", nil
	}
	said, err := e.ask(ctx, "buildx", "inspect")
	if err != nil {
		return "", fmt.Errorf("looking at its buildx builder: %w", err)
	}
	return parseDriver(string(said)), nil
}

// parseDriver reads the words of `docker buildx inspect`. Its older releases have no other form.
func parseDriver(said string) string {
	for line := range strings.Lines(said) {
		if driver, ok := strings.CutPrefix(line, "Driver:"); ok {
			return strings.TrimSpace(driver)
		}
	}
	return ""
}

// ask runs a docker command. An error is its first line, without the engine's address, which can hold a password.
func (e engine) ask(ctx context.Context, args ...string) (stdout []byte, err error) {
	var stderr strings.Builder
	cmd := interruptible(ctx, e.docker, e.root, e.env, args...)
	cmd.Stderr = &stderr
	stdout, err = cmd.Output()
	first, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
	if host := lookup(e.env, "DOCKER_HOST"); strings.Contains(host, "@") {
		first = strings.ReplaceAll(first, host, "DOCKER_HOST")
	}
	if err != nil && first != "" {
		err = errors.New(first)
	}
	return stdout, err
}
