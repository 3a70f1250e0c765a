// Package apps_test runs the two programs as they run in a pod: as processes, with an environment and signals.
package apps_test

import (
	"bufio"
	"bytes"
	"context"
	"debug/buildinfo"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience bounds a whole story; none passes by waiting it out.
const patience = time.Minute

// folder holds both programs, compiled as the images have them.
var folder string

func TestMain(m *testing.M) { os.Exit(compileAnd(m.Run)) }

func compileAnd(test func() int) int {
	var err error
	if folder, err = os.MkdirTemp("", "apps-*"); err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	compile := exec.Command("go", "build", "-trimpath", "-ldflags=-X main.version=v1.2.3", "-o", folder+"/", "./app",
		"./client")
	compile.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := compile.CombinedOutput(); err != nil {
		_, _ = os.Stderr.Write(output)
		return 1
	}
	return test()
}

// program is a running process whose log is read line by line.
type program struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines *bufio.Scanner
	drawn bytes.Buffer // what it wrote to stderr; to be read when it has ended
}

func start(ctx context.Context, t *testing.T, binary string, environment ...string) *program {
	t.Helper()
	p := &program{t: t, cmd: exec.CommandContext(ctx, binary)}
	p.cmd.Env, p.cmd.Stderr = environment, io.MultiWriter(t.Output(), &p.drawn)
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() })
	p.lines = bufio.NewScanner(stdout)
	return p
}

// until reads the log up to the next line with this message, and returns the line.
func (p *program) until(message string) map[string]any {
	p.t.Helper()
	for p.lines.Scan() {
		p.t.Logf("%s: %s", filepath.Base(p.cmd.Path), p.lines.Text())
		var line map[string]any
		if err := json.Unmarshal(p.lines.Bytes(), &line); err != nil {
			p.t.Fatal(err)
		}
		if line["msg"] == message {
			return line
		}
	}
	p.t.Fatalf("%s ended its log without %q: %v", p.cmd.Path, message, p.lines.Err())
	return nil
}

// terminate does what Kubernetes does to stop a pod, wants exit code 0, and returns the last line of the log.
func (p *program) terminate() map[string]any {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	last := p.until("stopped")
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("%s: %v", p.cmd.Path, err)
	}
	return last
}

func (p *program) get(ctx context.Context, address any, path string) string {
	p.t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address.(string)+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		p.t.Fatalf("GET %s: %s, %v", path, response.Status, err)
	}
	return string(body)
}

// has checks that a text holds all these parts.
func has(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s\nlacks %q", text, part)
		}
	}
}

func TestTheClientTalksToTheServer(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()

	// A pod of the server comes up.
	port := freePort(t)
	app := start(ctx, t, filepath.Join(folder, "app"),
		"SERVER_HOST=127.0.0.1", "SERVER_PORT="+port, "HEALTH_PORT=0", "POD_IP=10.0.0.7", "HOSTNAME=app-7d9")
	listening := app.until("listening")
	if listening["version"] != "v1.2.3" {
		t.Errorf("version = %v, want the linker's", listening["version"])
	}

	// A client opens two connections, and each is answered by that pod.
	client := start(ctx, t, filepath.Join(folder, "client"),
		"ENVOY_ENDPOINT=ws://"+listening["address"].(string), "MAX_CONNECTIONS=2", "CONNECTION_INTERVAL=0.01",
		"MESSAGE_INTERVAL_MIN=20ms", "MESSAGE_INTERVAL_MAX=40ms", "HEALTH_PORT=0", "CLIENT_ID=tester")
	started := client.until("started")
	if started["version"] != "v1.2.3" {
		t.Errorf("version = %v, want the linker's", started["version"])
	}
	bothAnswered(t, client, "10.0.0.7")
	has(t, app.get(ctx, listening["health_address"], "/health"), `"pod_name":"app-7d9"`, `"connected_clients":2`)
	has(t, app.get(ctx, listening["health_address"], "/ready"), "ready")
	has(t, app.get(ctx, listening["health_address"], "/metrics"), "\napp_connected_clients 2\n")
	_, healthPort, _ := strings.Cut(started["health_address"].(string), "]:")
	has(t, client.get(ctx, "127.0.0.1:"+healthPort, "/health"), `"connections_open":2`, `"failures":0`)

	// The server's pod is stopped: the client is told, and tries again.
	app.terminate()
	for range 2 {
		if line := client.until("closed by the server"); line["status"] != 1001.0 {
			t.Errorf("closed with %v, want 1001", line["status"])
		}
	}

	// A pod takes its place: the client comes back, and says goodbye when it is stopped itself.
	app = start(ctx, t, filepath.Join(folder, "app"),
		"SERVER_HOST=127.0.0.1", "SERVER_PORT="+port, "HEALTH_PORT=0", "POD_IP=10.0.0.8")
	bothAnswered(t, client, "10.0.0.8")
	last := client.terminate()
	sent, _ := last["messages_sent"].(float64)
	longest, _ := last["max_ms"].(float64)
	if sent < 3 || longest <= 0 || last["reconnects"] != 2.0 {
		t.Errorf("the last line sums up: %v", last)
	}
	has(t, client.drawn.String(), " sent, ", " reconnected, ", "ANSWER IN", "#", "p50 ", "p99 ")
	if line := app.until("disconnected"); line["status"] != 1000.0 {
		t.Errorf("closed with %v, want 1000", line["status"])
	}
	app.terminate()
}

// bothAnswered reads the client's log until each of its two connections has an answer, all from the pod with this
// address.
func bothAnswered(t *testing.T, client *program, ip string) {
	t.Helper()
	answered := map[any]bool{}
	for !answered["tester-1"] || !answered["tester-2"] {
		line := client.until("answer")
		answered[line["connection_id"]] = true
		if line["pod_ip"] != ip {
			t.Errorf("answered by %v, want %s", line["pod_ip"], ip)
		}
		if _, err := time.Parse(time.RFC3339, line["timestamp"].(string)); err != nil {
			t.Error(err)
		}
	}
}

func TestBadSettingsExitWith1(t *testing.T) {
	for _, name := range []string{"app", "client"} {
		cmd := exec.CommandContext(t.Context(), filepath.Join(folder, name))
		cmd.Env = []string{"HEALTH_PORT=abc", "POD_IP=a\tb"}
		output, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("%s: %v, want exit code 1", name, err)
		}
		has(t, string(output), name+": ", "HEALTH_PORT is \"abc\": want a port number from 0 to 65535\n", "POD_IP is")
	}
}

// The image of the client has no certificate file, so its roots are in the binary.
func TestTheClientCarriesRoots(t *testing.T) {
	info, err := buildinfo.ReadFile(filepath.Join(folder, "client"))
	if err != nil {
		t.Fatal(err)
	}
	var modules []string
	for _, module := range info.Deps {
		modules = append(modules, module.Path)
	}
	if want := "golang.org/x/crypto/x509roots/fallback"; !slices.Contains(modules, want) {
		t.Errorf("the client is built from %v, want %s among them", modules, want)
	}
}
