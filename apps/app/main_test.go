package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"envoy-proxy-poc/apps/internal/pod"
)

func process(settings map[string]string, stdout io.Writer) pod.Process {
	return pod.Process{Getenv: func(name string) string { return settings[name] }, Stdout: stdout, Clock: pod.Wall}
}

// running runs the whole program with the given settings, and returns what its first log line says.
func running(
	ctx context.Context, t *testing.T, settings map[string]string,
) (addresses map[string]string, ended <-chan error) {
	t.Helper()
	logs, stdout := io.Pipe()
	result := make(chan error, 1)
	go func() {
		result <- run(ctx, process(settings, stdout))
		_ = stdout.Close()
	}()
	lines := bufio.NewReader(logs)
	first, err := lines.ReadBytes('\n')
	if err != nil {
		t.Fatalf("no log line: %v (%v)", err, <-result)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	var line map[string]any
	if err := json.Unmarshal(first, &line); err != nil {
		t.Fatal(err)
	}
	addresses = map[string]string{}
	for _, key := range []string{"address", "health_address"} {
		addresses[key], _ = line[key].(string)
	}
	return addresses, result
}

func TestRunDrainsOnASignal(t *testing.T) {
	signalled, signal := context.WithCancel(t.Context())
	defer signal()
	at, ended := running(signalled, t,
		map[string]string{"SERVER_HOST": "127.0.0.1", "SERVER_PORT": "0", "HEALTH_PORT": "0"})
	ctx, conn := dial(t, "ws://"+at["address"], nil)
	exchange(ctx, t, conn, "hello")
	if got := ready(ctx, t, at["health_address"]); got != http.StatusOK {
		t.Errorf("/ready = %d, want 200", got)
	}

	signal()
	for ready(ctx, t, at["health_address"]) != http.StatusServiceUnavailable { // the open connection holds the program
		continue
	}
	_, _, err := conn.Read(ctx)
	if got := websocket.CloseStatus(err); got != websocket.StatusGoingAway {
		t.Errorf("closed with %d (%v), want 1001", got, err)
	}
	if err := <-ended; err != nil {
		t.Errorf("run = %v, want nil", err)
	}
}

func ready(ctx context.Context, t *testing.T, address string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/ready", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

func TestRunNamesEveryFault(t *testing.T) {
	settings := map[string]string{
		"SERVER_HOST": "0.0.0.0:80", "SERVER_PORT": "65536", "HEALTH_PORT": "abc",
		"SERVER_MAX_CONNECTIONS": "0",
	}
	err := run(t.Context(), process(settings, io.Discard))
	want := `SERVER_HOST is "0.0.0.0:80": want an IP address or a host name without a port, such as "0.0.0.0"
SERVER_PORT is "65536": want a port number from 0 to 65535
HEALTH_PORT is "abc": want a port number from 0 to 65535
SERVER_MAX_CONNECTIONS is "0": want a number from 1 to 1000000`
	if err == nil || err.Error() != want {
		t.Errorf("run = %v\nwant %s", err, want)
	}
}

func TestRunNamesThePortThatIsTaken(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	at, ended := running(ctx, t, map[string]string{"SERVER_HOST": "127.0.0.1", "SERVER_PORT": "0", "HEALTH_PORT": "0"})
	_, port, _ := strings.Cut(at["address"], ":")
	settings := map[string]string{"SERVER_HOST": "127.0.0.1", "SERVER_PORT": port, "HEALTH_PORT": "0"}
	err := run(ctx, process(settings, io.Discard))
	if err == nil || !strings.Contains(err.Error(), at["address"]) {
		t.Errorf("run = %v, want an error that names %s", err, at["address"])
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestConfigDefaults(t *testing.T) {
	cfg, err := readConfig(func(string) string { return "" })
	if err != nil || cfg.address != "0.0.0.0:8080" || cfg.healthAddress != "0.0.0.0:8081" || cfg.maxConnections != 10_000 {
		t.Errorf("readConfig = %+v, %v", cfg, err)
	}
	_, err = readConfig(func(name string) string { return map[string]string{"HEALTH_PORT": "8080"}[name] })
	if want := `HEALTH_PORT is "8080": want another port than SERVER_PORT's`; err == nil || err.Error() != want {
		t.Errorf("readConfig = %v, want %s", err, want)
	}
}
