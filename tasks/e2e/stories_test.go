package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"envoy-proxy-poc/tasks/internal/settings"
	"envoy-proxy-poc/tasks/internal/terraform"
)

// The stories are scripts below testdata/script, one story a file, played by the compiled menu in a copy of the
// project: with an empty HOME, the real Terraform and provider, and a local AWS of the copy's own.

const module = "envoy-proxy-poc"

// mage is the compiled menu.
var mage string

// kept is the environment that outlives the empty HOME: where Go keeps what it has compiled and downloaded, and where
// providers are.
var kept []string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "menu")
		if err == nil {
			defer os.RemoveAll(dir)
			err = prepare(dir)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		code := m.Run()
		if left := leftProviders(runMark + "=" + dir); left != nil {
			fmt.Fprintf(os.Stderr, "FAIL: providers of Terraform outlived the tests: processes %v (killed now)\n", left)
			end(left)
			return 1
		}
		return code
	}())
}

func prepare(dir string) error {
	mage = filepath.Join(dir, "mage")
	kept = append(kept, runMark+"="+dir)
	cmd := exec.Command("go", "tool", "mage", "-compile", mage)
	cmd.Dir = "../.."
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("compiling the menu: %w\n%s", err, out)
	}
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOSUMDB"} {
		value, err := exec.Command("go", "env", name).Output()
		if err != nil {
			return fmt.Errorf("asking go for %s: %w", name, err)
		}
		kept = append(kept, name+"="+string(bytes.TrimSpace(value)))
	}
	if mirror := os.Getenv("TF_PROVIDER_MIRROR"); mirror != "" {
		kept = append(kept, "TF_PROVIDER_MIRROR="+mirror)
	}
	return findTerraform()
}

// findTerraform puts the terraform that the targets would use on the PATH, for the stories that type terraform
// themselves.
func findTerraform() error {
	s, err := settings.Load("../../terraform/04-ecr-repositories", settings.Override{})
	if err != nil {
		return err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	pinned, err := terraform.Pinned("../../.terraform-version")
	if err != nil {
		return err
	}
	found, err := terraform.Find(context.Background(), terraform.Search{
		Constraint: s.RequiredVersion, Path: os.Getenv("PATH"), Install: pinned,
		CacheDir: filepath.Join(cache, module, "terraform"),
	})
	if err != nil {
		return err
	}
	return os.Setenv("PATH", filepath.Dir(found.Path)+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		Setup:               newcomer,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
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

// newcomer sets a story up: a fresh copy of the project with one commit, nothing in HOME, any free port.
func newcomer(env *testscript.Env) error {
	parts := []string{".ci", ".gitignore", ".golangci.yml", ".terraform-version", "go.mod", "go.sum", "magefile.go",
		"terraform", "apps", "tasks"}
	for _, part := range parts {
		if err := copyTree(filepath.Join("../..", part), filepath.Join(env.WorkDir, part)); err != nil {
			return err
		}
	}
	home := filepath.Join(env.WorkDir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		return err
	}
	env.Vars = append(env.Vars, kept...)
	env.Setenv("HOME", home)
	env.Setenv("MENU", mage)
	env.Setenv("LOCAL_AWS_PORT", "0")
	return commit(env.WorkDir, home, parts)
}

func commit(dir, home string, parts []string) error {
	for _, args := range [][]string{
		{"init", "-q"},
		append([]string{"add"}, parts...),
		{"-c", "user.name=newcomer", "-c", "user.email=newcomer@example.com", "commit", "-q", "-m", "a copy"},
	} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "HOME="+home, "GIT_CONFIG_NOSYSTEM=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("git %s: %w\n%s", args[0], err, out)
		}
	}
	return nil
}

// copyTree copies what a clone would hold: nothing that Terraform made.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := to + strings.TrimPrefix(path, from)
		switch {
		case entry.IsDir() && entry.Name() == ".terraform":
			return fs.SkipDir
		case entry.IsDir():
			return os.MkdirAll(target, 0o755)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o644)
	})
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
	cmd.Env = []string{"PATH=" + ts.Getenv("PATH"), "HOME=" + ts.Getenv("HOME"),
		"LOCAL_AWS_PORT=" + ts.Getenv("LOCAL_AWS_PORT")}
	var said bytes.Buffer
	cmd.Stderr = &said
	ts.Check(os.RemoveAll(ts.MkAbs(".local/env")))
	ts.Check(cmd.Start())
	ts.Defer(func() { _ = cmd.Process.Kill() })
	env := wait(ts, "mage serve", &said, func() (string, bool) {
		text, err := os.ReadFile(ts.MkAbs(".local/env"))
		return string(text), err == nil
	})
	for line := range strings.Lines(env) {
		name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		ts.Setenv(name, strings.Trim(value, "'"))
	}
	ts.Setenv("SERVE_PID", strconv.Itoa(cmd.Process.Pid))
	go func() { _ = cmd.Wait() }()
}

// unserveCmd is `unserve`: it interrupts `mage serve` and waits until its port is free.
func unserveCmd(ts *testscript.TestScript, neg bool, args []string) {
	pid, err := strconv.Atoi(ts.Getenv("SERVE_PID"))
	ts.Check(err)
	process, err := os.FindProcess(pid)
	ts.Check(err)
	ts.Check(process.Signal(os.Interrupt))
	wait(ts, "mage serve to end", &bytes.Buffer{}, func() (string, bool) {
		_, err := os.Stat(ts.MkAbs(".local/holder.json"))
		return "", os.IsNotExist(err)
	})
}

// freePortCmd is `freeport NAME`: it sets a variable to a port nobody listens on.
func freePortCmd(ts *testscript.TestScript, neg bool, args []string) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	ts.Check(err)
	defer listener.Close()
	ts.Setenv(args[0], strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
}

// waitPortCmd is `waitport PORT`: it waits until something listens there.
func waitPortCmd(ts *testscript.TestScript, neg bool, args []string) {
	wait(ts, "port "+args[0], &bytes.Buffer{}, func() (string, bool) {
		conn, err := net.Dial("tcp4", "127.0.0.1:"+args[0])
		if err != nil {
			return "", false
		}
		return "", conn.Close() == nil
	})
}

// wait polls for a minute, far longer than anything here takes.
func wait(ts *testscript.TestScript, what string, said *bytes.Buffer, done func() (string, bool)) string {
	for range 600 {
		if got, ok := done(); ok {
			return got
		}
		time.Sleep(100 * time.Millisecond)
	}
	ts.Fatalf("waiting for %s: it took over a minute\n%s", what, said)
	return ""
}

// leftoversCmd is `leftovers FILE`: it adds the bash times' null_resources to a state, whose provider cannot be had
// here.
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
