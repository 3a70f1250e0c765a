package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The stories are scripts below testdata/script, one story a file. The compiled menu plays each in a copy of the
// project, with an empty HOME, the real Terraform and provider, and a local AWS of the copy's own.

func TestStories(t *testing.T) {
	takesLong(t)
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		Setup:               newcomer,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition:           condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"mage":         mageCmd,
			"serve":        serveCmd,
			"unserve":      unserveCmd,
			"freeport":     freePortCmd,
			"waitport":     waitPortCmd,
			"leftovers":    leftoversCmd,
			"endproviders": endProvidersCmd,
		},
	})
}

// newcomer makes the world of a story: a fresh copy of the project, nothing in HOME, and any free port.
func newcomer(env *testscript.Env) error {
	home := filepath.Join(env.WorkDir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		return err
	}
	env.Vars = append(env.Vars, environ(kept)...)
	env.Setenv("HOME", home)
	env.Setenv("MENU", mage)
	env.Setenv("LOCAL_AWS_PORT", "0")
	env.Setenv("DOCKER_HOST", os.Getenv("DOCKER_HOST"))
	return copyProject(env.WorkDir)
}

// condition is `[docker]` of a story: whether docker reaches an engine. In CI nothing may be missing.
func condition(name string) (bool, error) {
	if name != "docker" {
		return false, fmt.Errorf("unknown condition %q", name)
	}
	err := exec.Command("docker", "version").Run()
	if err != nil && os.Getenv("CI") == "true" {
		return false, fmt.Errorf("docker reaches no engine: %w", err)
	}
	return err == nil, nil
}

// mageCmd is `mage TARGET…` of a story; a leading `!` expects it to fail.
func mageCmd(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec(mage, args...)
	switch {
	case err == nil && neg:
		ts.Fatalf("mage %s: want a failure", strings.Join(args, " "))
	case err != nil && !neg:
		ts.Fatalf("mage %s: %v", strings.Join(args, " "), err)
	}
}

// serveCmd is `serve [FLAG…]`: it starts `mage serve` and exports the lines of .local/env to the story.
func serveCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: serve [FLAG…]")
	}
	cmd := exec.Command(mage, append([]string{"serve"}, args...)...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = []string{
		"PATH=" + ts.Getenv("PATH"), "HOME=" + ts.Getenv("HOME"),
		"LOCAL_AWS_PORT=" + ts.Getenv("LOCAL_AWS_PORT"), "TF_PROVIDER_ATTACH=" + ts.Getenv("TF_PROVIDER_ATTACH"),
	}
	written, err := startServe(cmd)
	ts.Check(err)
	ts.Defer(func() { _ = cmd.Process.Kill() })
	for name, value := range written {
		ts.Setenv(name, value)
	}
	ts.Setenv("SERVE_PID", strconv.Itoa(cmd.Process.Pid))
	go func() { _ = cmd.Wait() }()
}

// unserveCmd is `unserve`: it interrupts `mage serve` and waits until the data of .local is free.
func unserveCmd(ts *testscript.TestScript, neg bool, args []string) {
	pid, err := strconv.Atoi(ts.Getenv("SERVE_PID"))
	ts.Check(err)
	process, err := os.FindProcess(pid)
	ts.Check(err)
	ts.Check(process.Signal(os.Interrupt))
	wait(ts, "mage serve to end", func() error {
		if _, err := os.Stat(ts.MkAbs(".local/holder.json")); !os.IsNotExist(err) {
			return errors.New("it is there")
		}
		return nil
	})
}

// freePortCmd is `freeport NAME`: it sets a variable to a port on which nothing listens.
func freePortCmd(ts *testscript.TestScript, neg bool, args []string) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	ts.Check(err)
	defer listener.Close()
	ts.Setenv(args[0], strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
}

// waitPortCmd is `waitport PORT`: it waits until something listens there.
func waitPortCmd(ts *testscript.TestScript, neg bool, args []string) {
	wait(ts, "port "+args[0], func() error {
		conn, err := net.Dial("tcp4", "127.0.0.1:"+args[0])
		if err != nil {
			return err
		}
		return conn.Close()
	})
}

func wait(ts *testscript.TestScript, what string, try func() error) {
	if !soon(try) {
		ts.Fatalf("waiting for %s: it took over a minute", what)
	}
}

// leftoversCmd is `leftovers FILE`: it adds the null_resources of the former bash scripts to a state. Their provider is
// not available here.
func leftoversCmd(ts *testscript.TestScript, neg bool, args []string) {
	var state map[string]any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &state))
	for _, name := range []string{"ecr_login", "ecr_status_check", "ecr_cleanup"} {
		state["resources"] = append(state["resources"].([]any), map[string]any{
			"mode": "managed", "type": "null_resource", "name": name,
			"provider": `provider["registry.terraform.io/hashicorp/null"]`,
			"instances": []any{map[string]any{
				"schema_version": 0, "attributes": map[string]any{"id": "1", "triggers": nil}, "sensitive_attributes": []any{},
			}},
		})
	}
	state["serial"] = state["serial"].(float64) + 1
	text, err := json.Marshal(state)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
}
