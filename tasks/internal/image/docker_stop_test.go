package image

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestBuildDockerStops interrupts a build in the middle, and takes its engine away.
func TestBuildDockerStops(t *testing.T) {
	takesLong(t)
	w := newDockerWorld(t)
	write(t, w.s.Root, map[string]string{"apps/app/main.go": "package main\n\nfunc main() { forever() }\n"})
	for _, env := range builders {
		t.Run("interrupt "+env, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			s := w.s
			s.Env, s.Log = append(s.Env, env), &tripwire{words: "waiting", trip: cancel}
			w.leavesNothing(t, func() {
				if _, err := Build(ctx, s); !errors.Is(err, context.Canceled) || strings.Contains(err.Error(),
					"\n") {
					t.Errorf("Build after an interrupt = %v, want %v and no more", err, context.Canceled)
				}
			})
		})
		t.Run("engine "+env, func(t *testing.T) {
			engine := newRelay(t)
			s := w.s
			s.Env = append(s.Env, env, "DOCKER_CONTEXT=", "DOCKER_HOST=unix://"+engine.Addr().String())
			s.Log = &tripwire{words: "waiting", trip: engine.stop}
			_, err := Build(t.Context(), s)
			wantError(t, err, `building "app" for linux/amd64 with `, "\nhint: the engine does not answer any more: start it")
		})
	}
}

// tripwire is a log that acts when a line has the words.
type tripwire struct {
	words string
	trip  func()
	once  sync.Once
}

func (w *tripwire) Write(p []byte) (int, error) {
	if strings.Contains(string(p), " "+w.words) || strings.HasPrefix(string(p), w.words) {
		w.once.Do(w.trip)
	}
	return len(p), nil
}

// relay stands between docker and the engine, and can go away.
type relay struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func newRelay(t *testing.T) *relay {
	t.Helper()
	host := os.Getenv("DOCKER_HOST")
	engine, isSocket := strings.CutPrefix(host, "unix://")
	if host == "" {
		engine, isSocket = "/var/run/docker.sock", true
	}
	dir, err := os.MkdirTemp("", "relay") // t.TempDir's path is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if _, err := os.Stat(engine); !isSocket || err != nil {
		t.Skipf("the engine is at no socket here: %q", host)
	}
	listener, err := net.Listen("unix", filepath.Join(dir, "docker.sock"))
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{Listener: listener}
	t.Cleanup(r.stop)
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("unix", engine)
			if err != nil {
				near.Close()
				continue
			}
			r.mu.Lock()
			r.conns = append(r.conns, near, far)
			r.mu.Unlock()
			go func() { _, _ = io.Copy(far, near); _ = far.(*net.UnixConn).CloseWrite() }()
			go func() { _, _ = io.Copy(near, far); _ = near.(*net.UnixConn).CloseWrite() }()
		}
	}()
	return r
}

func (r *relay) stop() {
	_ = r.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, conn := range r.conns {
		_ = conn.Close()
	}
}
