package image

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/child"
	"envoy-proxy-poc/tasks/internal/hint"
)

const stopGrace = 5 * time.Second // for an interrupted go command to remove its temporary files

// InstallGo is what to do without a go command that knows go.mod.
const InstallGo = "install Go 1.26 or newer: https://go.dev/dl"

const local = "local" // the GOTOOLCHAIN that downloads no other release

// keptSettings name the go settings that remain the user's: where modules come from and where caches are.
var keptSettings = []string{
	"GOAUTH", "GOCACHE", "GOCACHEPROG", "GOINSECURE", "GOMODCACHE", "GONOPROXY", "GONOSUMDB",
	"GOPATH", "GOPRIVATE", "GOPROXY", "GOSUMDB", "GOTMPDIR", "GOVCS",
	"GOTOOLCHAIN", // by then the one of go.mod, where that is available
}

// fixed are the go settings that change a binary. GOENV=off: an empty variable does not override `go env -w`.
var fixed = []string{"CGO_ENABLED=0", "GO111MODULE=on", "GOENV=off", "GOFIPS140=off", "GOWORK=off"}

// unlisted name settings that `go env` does not list and that get into a binary or its build id.
var unlisted = []string{"GO_EXTLINK_ENABLED", "GOCLOBBERDEADHASH", "GOCOMPILEDEBUG", "GOSSADIR", "GOSSAFUNC"}

// relaxed collects garbage half as often, which takes a tenth off a build for a sixth more memory.
const relaxed = "GOGC=200"

// buildEnv is the environment of every go build: env without any setting of the go command, then kept and fixed ones.
// The compiler is the toolchain line of go.mod, because another release makes another binary. Where GOTOOLCHAIN is
// local, or that release is not available (no network), it is the go at hand; of the latter the log tells.
func (c compiler) buildEnv(ctx context.Context, env []string) ([]string, error) {
	pin, err := toolchain(c.root)
	if err != nil {
		return nil, err
	}
	if pin == "" || lookup(env, "GOTOOLCHAIN") == local {
		settings, err := c.settings(ctx, env)
		return compose(env, settings), err
	}
	settings, err := c.settings(ctx, append(slices.Clip(env), "GOTOOLCHAIN="+pin))
	if err != nil && ctx.Err() == nil {
		settings, err = c.settings(ctx, append(slices.Clip(env), "GOTOOLCHAIN="+local))
		if err == nil {
			fmt.Fprintf(c.log, "%s, which go.mod names, is not available: building with %s, "+
				"so the digest is another than elsewhere\n", pin, settings["GOVERSION"])
		}
	}
	return compose(env, settings), err
}

func compose(env []string, settings map[string]string) []string {
	var out []string
	for _, kv := range env {
		name, _, _ := strings.Cut(kv, "=")
		if _, ours := settings[name]; !ours {
			out = append(out, kv)
		}
	}
	for _, name := range keptSettings {
		if v := settings[name]; v != "" {
			out = append(out, name+"="+v)
		}
	}
	if lookup(env, "GOGC") == "" {
		out = append(out, relaxed)
	}
	return append(out, fixed...)
}

func (c compiler) settings(ctx context.Context, env []string) (map[string]string, error) {
	stdout, _, err := c.run(ctx, append(slices.Clip(env), "GOFLAGS=", "GOWORK=off"), "env", "-json")
	if err != nil {
		if err = fmt.Errorf("asking the go command for its settings: %w", err); ctx.Err() == nil {
			err = hint.Add(err, "%s", InstallGo)
		}
		return nil, err
	}
	settings := map[string]string{}
	if err := json.Unmarshal(stdout, &settings); err != nil {
		return nil, fmt.Errorf("reading the go command's settings: %w", err)
	}
	for _, name := range unlisted {
		settings[name] = ""
	}
	// `go env` lists the instruction set level of its own architecture only.
	for _, t := range targets {
		if t.variable != "" {
			settings[t.variable] = ""
		}
	}
	return settings, nil
}

// interruptible makes a command that is interrupted, not killed, when ctx ends.
func interruptible(ctx context.Context, program, root string, env []string, args ...string) *exec.Cmd {
	cmd := child.Command(ctx, env, program, args...)
	cmd.Dir = root
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = stopGrace
	return cmd
}

// toolchain reads the toolchain line of root's go.mod; empty when there is none.
func toolchain(root string) (string, error) {
	data, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return "", fmt.Errorf("looking for the module: %w", err)
	}
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == "toolchain" && f[1] != "default" {
			return f[1], nil
		}
	}
	return "", nil
}

// lookup is the last value of name in env, as a process would see it.
func lookup(env []string, name string) string {
	for _, kv := range slices.Backward(env) {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			return v
		}
	}
	return ""
}
