package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"envoy-proxy-poc/tasks/internal/settings"
	"envoy-proxy-poc/tasks/internal/terraform"
)

// root is the project's folder, seen from this one.
const root = "../.."

// project are the parts of the project that a world has.
var project = []string{
	".ci", ".gitignore", ".golangci.yml", ".terraform-version", "go.mod", "go.sum", "magefile.go",
	"terraform", "apps", "tasks",
}

// repositories of locals.tf, by app.
var repositories = map[string]string{"app": "cfndev-envoy-proxy-poc-app", "client": "cfndev-envoy-proxy-poc-client"}

// The place of the state, as backend.tf names it.
const (
	stateBucket = "cfndev-envoy-proxy-poc-terraform-state"
	stateKey    = "04-ecr-repositories/terraform.tfstate"
)

// mage is the compiled menu.
var mage string

// trimmed makes go compile packages alike in every folder: a world that compiles the menu finds them compiled.
const trimmed = "GOFLAGS=-trimpath"

// kept are the environment variables that every world gets. HOME is empty there, so they say where Go keeps what it has
// compiled and downloaded, and where Terraform's providers are.
var kept = map[string]string{}

// TestMain compiles the menu once for all tests, and fails when a test leaves a provider of Terraform running.
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
			kill(left)
			return 1
		}
		return code
	}())
}

func prepare(dir string) error {
	mage = filepath.Join(dir, "mage")
	cmd := exec.Command("go", "tool", "mage", "-compile", mage)
	cmd.Dir, cmd.Env = root, append(os.Environ(), trimmed)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("compiling the menu: %w\n%s", err, out)
	}
	kept[runMark] = dir
	kept["GOGC"] = "400" // terraform that is typed is as quick as the targets' own
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOSUMDB"} {
		value, err := exec.Command("go", "env", name).Output()
		if err != nil {
			return fmt.Errorf("asking go for %s: %w", name, err)
		}
		kept[name] = string(bytes.TrimSpace(value))
	}
	for _, name := range []string{"TF_PROVIDER_MIRROR", "TF_PROVIDER_ATTACH"} {
		if value := os.Getenv(name); value != "" {
			kept[name] = value
		}
	}
	return findTerraform()
}

// findTerraform puts the terraform that the targets would use on the PATH, for the tests that type terraform
// themselves.
func findTerraform() error {
	s, err := settings.Load(root+"/terraform/04-ecr-repositories", settings.Override{})
	if err != nil {
		return err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	pinned, err := terraform.Pinned(root + "/.terraform-version")
	if err != nil {
		return err
	}
	found, err := terraform.Find(context.Background(), terraform.Search{
		Constraint: s.RequiredVersion, Path: os.Getenv("PATH"), Install: pinned,
		CacheDir: filepath.Join(cache, "envoy-proxy-poc", "terraform"),
	})
	if err != nil {
		return err
	}
	return os.Setenv("PATH", filepath.Dir(found.Path)+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// world is a copy of the project with one commit, an empty home, and the environment of the programs that run there.
type world struct {
	t         testing.TB
	dir, home string
	env       map[string]string

	// Its local AWS, once that serves.
	registry string // host:port
	ecr      *awsecr.Client
	s3       *s3.Client
}

// newWorld makes a world without an AWS.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), home: t.TempDir(), env: maps.Clone(kept)}
	w.env["PATH"], w.env["HOME"] = os.Getenv("PATH"), w.home
	if err := copyProject(w.dir); err != nil {
		t.Fatal(err)
	}
	return w
}

// newServedWorld makes a world with a `mage serve` of its own, which has a bucket for the state and nothing else.
func newServedWorld(t testing.TB, flags ...string) *world {
	t.Helper()
	w := newWorld(t)
	w.serve(flags...)
	return w
}

// serve starts `mage serve` until the test ends.
func (w *world) serve(flags ...string) {
	w.t.Helper()
	cmd := w.command(mage, append([]string{"serve"}, flags...)...)
	cmd.Env = append(cmd.Env, "LOCAL_AWS_PORT=0")
	written, err := startServe(cmd)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	maps.Copy(w.env, written)
	w.connect()
}

// connect makes clients of the AWS that the environment names. They act for a test, beside the menu.
func (w *world) connect() {
	endpoint := w.env["AWS_ENDPOINT_URL"]
	keys := credentials.NewStaticCredentialsProvider("test", "test", "")
	w.registry = strings.TrimPrefix(endpoint, "http://")
	w.ecr = awsecr.New(awsecr.Options{Region: "us-west-2", BaseEndpoint: &endpoint, Credentials: keys})
	w.s3 = s3.New(s3.Options{Region: "us-west-2", BaseEndpoint: &endpoint, Credentials: keys, UsePathStyle: true})
}

// create makes an empty repository.
func (w *world) create(repository string) {
	w.t.Helper()
	_, err := w.ecr.CreateRepository(w.t.Context(), &awsecr.CreateRepositoryInput{RepositoryName: &repository})
	if err != nil {
		w.t.Fatal(err)
	}
}

// command is a program in the copy of the project.
func (w *world) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = w.dir, environ(w.env)
	return cmd
}

// mage runs the compiled menu and returns its answer.
func (w *world) mage(args ...string) string {
	w.t.Helper()
	return w.run(mage, args...)
}

// run runs a program and returns its answer.
func (w *world) run(name string, args ...string) string {
	w.t.Helper()
	return w.answer(w.command(name, args...))
}

// answer is the stdout of a command, which has to succeed.
func (w *world) answer(cmd *exec.Cmd) string {
	w.t.Helper()
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		w.t.Fatalf("%s: %v\n%s%s", strings.Join(cmd.Args, " "), err, out, &said)
	}
	return string(out)
}

// try runs a program and returns both of its streams, whether it succeeds or not.
func (w *world) try(name string, args ...string) (string, error) {
	out, err := w.command(name, args...).CombinedOutput()
	return string(out), err
}

// edit replaces a text in a file of the project, which has to be there.
func (w *world) edit(file, before, after string) {
	w.t.Helper()
	path := filepath.Join(w.dir, file)
	text := read(w.t, path)
	if !strings.Contains(text, before) {
		w.t.Fatalf("%s has no %q", file, before)
	}
	write(w.t, path, strings.ReplaceAll(text, before, after))
}

// startServe starts `mage serve` and returns the environment that it writes for a shell.
func startServe(serve *exec.Cmd) (map[string]string, error) {
	file := filepath.Join(serve.Dir, ".local", "env")
	if err := os.RemoveAll(file); err != nil { // of an earlier serve
		return nil, err
	}
	var said bytes.Buffer
	serve.Stderr = &said
	if err := serve.Start(); err != nil {
		return nil, err
	}
	var text []byte
	if !soon(func() (err error) { text, err = os.ReadFile(file); return err }) {
		_ = serve.Process.Kill()
		_ = serve.Wait()
		return nil, fmt.Errorf("mage serve wrote no %s within a minute:\n%s", file, &said)
	}
	written := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if name, value, set := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "="); set {
			written[name] = strings.Trim(value, "'")
		}
	}
	return written, nil
}

// soon repeats something until it succeeds, for a minute at most: far longer than anything here takes.
func soon(try func() error) bool {
	for range 600 {
		if try() == nil {
			return true
		}
		time.Sleep(100 * time.Millisecond)
	}
	return false
}

// committed is a copy of the project as a git repository with one commit. git needs a second to make it, and a copy of it is quicker.
var committed = sync.OnceValues(func() (dir string, err error) {
	dir = filepath.Join(filepath.Dir(mage), "committed")
	for _, part := range project {
		if err := copyTree(filepath.Join(root, part), filepath.Join(dir, part)); err != nil {
			return "", err
		}
	}
	for _, args := range [][]string{
		{"init", "-q"},
		append([]string{"add"}, project...),
		{"-c", "user.name=newcomer", "-c", "user.email=newcomer@example.com", "commit", "-q", "-m", "a copy"},
		{"gc", "-q"}, // one file instead of a thousand
	} {
		if err := git(dir, args...); err != nil {
			return "", err
		}
	}
	return dir, nil
})

// copyProject copies the project into dir, as a git repository with one commit.
func copyProject(dir string) error {
	from, err := committed()
	if err == nil {
		err = copyTree(from, dir)
	}
	if err != nil {
		return err
	}
	return git(dir, "update-index", "-q", "--refresh") // the files have other inodes here
}

// git works in dir without the user's configuration.
func git(dir string, args ...string) error {
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("git %s: %w\n%s", args[0], err, out)
	}
	return nil
}

// copyTree copies a file or a folder, without what Terraform made in it.
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

// environ is an environment as exec wants it.
func environ(env map[string]string) []string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(env)) {
		pairs = append(pairs, name+"="+env[name])
	}
	return pairs
}

func read(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// write writes a file, and makes its folder.
func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// need skips a test or benchmark where a program is not installed.
func need(t testing.TB, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
}
