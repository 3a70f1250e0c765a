package e2e_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// repositories of locals.tf, by app.
var repositories = map[string]string{"app": "cfndev-envoy-proxy-poc-app", "client": "cfndev-envoy-proxy-poc-client"}

// Where backend.tf has the state.
const (
	stateBucket = "cfndev-envoy-proxy-poc-terraform-state"
	stateKey    = "04-ecr-repositories/terraform.tfstate"
)

// benchWorld is a copy of the project with one commit, and a `mage serve` of its own that every side talks to.
type benchWorld struct {
	b        testing.TB
	dir      string
	env      []string
	registry string // host:port
	ecr      *awsecr.Client
}

// newBenchWorld is one with empty repositories, where docker is logged in.
func newBenchWorld(b *testing.B) *benchWorld {
	b.Helper()
	w := newEmptyWorld(b)
	for _, name := range repositories {
		w.create(name)
	}
	w.mage("ecr:login")
	return w
}

// newEmptyWorld is one in which nothing but the state's bucket is made. serve are the flags of `mage serve`.
func newEmptyWorld(b testing.TB, serve ...string) *benchWorld {
	b.Helper()
	w := newCopy(b)
	w.serve(serve...)
	w.connect()
	return w
}

// newCopy is one without an AWS.
func newCopy(b testing.TB) *benchWorld {
	b.Helper()
	dir := b.TempDir()
	parts := []string{".gitignore", ".terraform-version", "go.mod", "go.sum", "magefile.go", "terraform", "apps"}
	for _, part := range parts {
		if err := copyTree(filepath.Join("../..", part), filepath.Join(dir, part)); err != nil {
			b.Fatal(err)
		}
	}
	home := filepath.Join(dir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		b.Fatal(err)
	}
	if err := commit(dir, home, parts); err != nil {
		b.Fatal(err)
	}
	return &benchWorld{b: b, dir: dir, env: append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + home}, kept...)}
}

// serve starts the local AWS and takes over the environment that it writes.
func (w *benchWorld) serve(flags ...string) {
	cmd := exec.Command(mage, append([]string{"serve"}, flags...)...)
	cmd.Dir, cmd.Env = w.dir, append(slices.Clone(w.env), "LOCAL_AWS_PORT=0")
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		w.b.Fatal(err)
	}
	w.b.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	var text []byte
	for range 600 {
		var err error
		if text, err = os.ReadFile(filepath.Join(w.dir, ".local", "env")); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if text == nil {
		w.b.Fatalf("mage serve does not answer:\n%s", &said)
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		w.env = append(w.env, name+"="+strings.Trim(value, "'"))
	}
}

// connect makes the client that looks behind the suite's back.
func (w *benchWorld) connect() {
	endpoint := w.value("AWS_ENDPOINT_URL")
	w.registry = strings.TrimPrefix(endpoint, "http://")
	w.ecr = awsecr.New(awsecr.Options{
		Region: w.value("AWS_REGION"), BaseEndpoint: &endpoint,
		Credentials: credentials.NewStaticCredentialsProvider(w.value("AWS_ACCESS_KEY_ID"), w.value("AWS_SECRET_ACCESS_KEY"),
			""),
	})
}

// s3 is a client of the state's bucket.
func (w *benchWorld) s3() *s3.Client {
	endpoint := w.value("AWS_ENDPOINT_URL")
	return s3.New(s3.Options{
		Region: w.value("AWS_REGION"), BaseEndpoint: &endpoint, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(w.value("AWS_ACCESS_KEY_ID"), w.value("AWS_SECRET_ACCESS_KEY"),
			""),
	})
}

func (w *benchWorld) create(repository string) {
	w.b.Helper()
	if _, err := w.ecr.CreateRepository(context.Background(),
		&awsecr.CreateRepositoryInput{RepositoryName: aws.String(repository)}); err != nil {
		w.b.Fatal(err)
	}
}

func (w *benchWorld) value(name string) string {
	for _, pair := range w.env {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			return value
		}
	}
	return ""
}

// mage runs the compiled menu and returns its answer.
func (w *benchWorld) mage(args ...string) string { return w.run(mage, args...) }

// script runs one of the scripts below testdata/before.
func (w *benchWorld) script(name string, args ...string) {
	path, err := filepath.Abs(filepath.Join("testdata", "before", name))
	if err != nil {
		w.b.Fatal(err)
	}
	w.run(path, args...)
}

func (w *benchWorld) run(name string, args ...string) string {
	w.b.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = w.dir, w.env
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		w.b.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, &said)
	}
	return string(out)
}

// need skips where a program is not installed.
func need(b testing.TB, programs ...string) {
	b.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			b.Skipf("%s is not installed", program)
		}
	}
}
