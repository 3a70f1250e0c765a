package image

import (
	"bytes"
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

var (
	commitTime = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	revision   = Revision{Commit: "0123456789abcdef0123456789abcdef01234567", Time: commitTime}
	amd64      = v1.Platform{OS: "linux", Architecture: "amd64"}
	arm64      = v1.Platform{OS: "linux", Architecture: "arm64"}
	now        = time.Date(2026, 3, 5, 10, 20, 30, 0, time.FixedZone("", 3600))
	impatient  = remote.Backoff{Duration: time.Millisecond, Factor: 1, Steps: 3}
)

// program depends on a build tag and on the version; it imports nothing, so it compiles fast.
var program = map[string]string{
	"go.mod":            "module example.com/demo\n\ngo 1.26\n",
	"apps/app/main.go":  "package main\n\nvar version = \"unset\"\n\nfunc main() { println(flavour, version) }\n",
	"apps/app/plain.go": "//go:build !odd\n\npackage main\n\nconst flavour = \"plain\"\n",
	"apps/app/odd.go":   "//go:build odd\n\npackage main\n\nconst flavour = \"odd\"\n",
}

// write puts files below root and returns root.
func write(t *testing.T, root string, files map[string]string) string {
	t.Helper()
	for name, content := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func source(root string, env ...string) Source {
	return Source{
		Apps: []string{"app"}, Root: root, Env: append(append(os.Environ(), "GOENV=off", "GOFLAGS="),
			env...), Revision: revision, Platforms: []v1.Platform{amd64},
	}
}

// fake is a Built without a compiler: content stands for the binary.
func fake(t *testing.T, content string, platforms ...v1.Platform) Built {
	t.Helper()
	if len(platforms) == 0 {
		platforms = []v1.Platform{amd64}
	}
	var layers []layer
	for _, p := range platforms {
		l, err := compress("app", []byte(content+p.String()))
		if err != nil {
			t.Fatal(err)
		}
		layers = append(layers, l)
	}
	b, err := assemble(Source{Apps: []string{"app"}, Revision: revision, Platforms: platforms}, "app", nil, layers)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// server is a registry that notes requests and can be told to answer something else.
type server struct {
	Target
	mu       sync.Mutex
	requests []string                                          // "PUT manifests/latest"
	fault    func(w http.ResponseWriter, r *http.Request) bool // true: it has answered
	inner    http.Handler
}

func serve(t *testing.T) *server {
	t.Helper()
	s := &server{inner: registry.New(registry.Logger(log.New(io.Discard, "", 0)))}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	s.Target = Target{Registry: strings.TrimPrefix(srv.URL, "http://"), Repository: "team/app"}
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+strings.TrimPrefix(r.URL.Path, "/v2/team/app/"))
	fault := s.fault
	s.mu.Unlock()
	if fault != nil && fault(w, r) {
		return
	}
	s.inner.ServeHTTP(w, r)
}

// fail sets what goes wrong from now on.
func (s *server) fail(fault func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

// seen returns the requests since the last call.
func (s *server) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.requests = nil }()
	return s.requests
}

// refuse answers as a registry does.
func refuse(w http.ResponseWriter, status int, code, message string) bool {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"errors":[{"code":"`+code+`","message":"`+message+`"}]}`)
	return true
}

// points returns what a tag points at, the zero hash if it is not there.
func (s *server) points(t *testing.T, tag string) v1.Hash {
	t.Helper()
	at, _, err := s.dial(t).head(t.Context(), tag)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func (s *server) dial(t *testing.T) *Destination {
	t.Helper()
	d, err := Dial(t.Context(), s.Target, Options{Backoff: impatient})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// sending is what a test chooses of a push.
type sending struct {
	Progress func(Progress)
	DryRun   bool
}

// pushOne is a push of one image from the handshake on.
func pushOne(ctx context.Context, to Target, b Built, tags Tags, o sending) (Result, error) {
	d, err := Dial(ctx, to, Options{Backoff: impatient})
	if err != nil {
		return Result{}, err
	}
	results, err := Push(ctx, []Job{{To: d, Image: b, Tags: tags, Progress: o.Progress, DryRun: o.DryRun}})
	results[0].Took, results[0].Err = 0, nil
	return results[0], err
}

// retagOne is a retag from the handshake on.
func retagOne(ctx context.Context, to Target, from, tag string) (Result, error) {
	d, err := Dial(ctx, to, Options{Backoff: impatient})
	if err != nil {
		return Result{}, err
	}
	return Retag(ctx, d, from, tag)
}

func content(t *testing.T, open func() (io.ReadCloser, error)) []byte {
	t.Helper()
	rc, err := open()
	if err != nil {
		t.Fatal(err)
	}
	defer rc.Close()
	var b bytes.Buffer
	if _, err := io.Copy(&b, rc); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// wantError checks that err says each of the words.
func wantError(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one that says %q", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not say %q", err, w)
		}
	}
}
