package apps_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// watched is a program whose log is read to the end by itself, and that is asked for its metrics.
type watched struct {
	*program
	address string         // of its /metrics
	last    chan [2]string // what its log ends with
}

// watch reads a program's log up to the line that says where it serves, and from then on by itself. It returns that
// line too.
func watch(p *program, message string) (*watched, map[string]any) {
	p.t.Helper()
	line := p.until(message)
	_, port, _ := strings.Cut(strings.TrimPrefix(line["health_address"].(string), "[::]"), ":")
	w := &watched{program: p, address: "127.0.0.1:" + port, last: make(chan [2]string, 1)}
	go func() {
		var last [2]string
		for p.lines.Scan() {
			last = [2]string{last[1], p.lines.Text()}
		}
		w.last <- last
	}()
	return w, line
}

// stop terminates the program and wants exit code 0.
func (w *watched) stop() {
	w.t.Helper()
	if err := w.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		w.t.Fatal(err)
	}
	last := <-w.last
	if err := w.cmd.Wait(); err != nil || !strings.Contains(last[1], `"msg":"stopped"`) {
		w.t.Errorf("%s: %v, and its log ends with\n%s\n%s", w.cmd.Path, err, last[0], last[1])
	}
}

// metric is what the program says now.
func (w *watched) metric(ctx context.Context, name string) int {
	w.t.Helper()
	_, after, found := strings.Cut(w.get(ctx, w.address, "/metrics"), "\n"+name+" ")
	value, _, _ := strings.Cut(after, "\n")
	number, err := strconv.ParseFloat(value, 64)
	if !found || err != nil {
		w.t.Fatalf("/metrics has no %s: %v", name, err)
	}
	return int(number)
}

// becomes waits until a metric is at least, and at most, so much.
func (w *watched) becomes(ctx context.Context, name string, least, most int) {
	w.t.Helper()
	for {
		got := w.metric(ctx, name)
		if least <= got && got <= most {
			return
		}
		select {
		case <-ctx.Done():
			w.t.Fatalf("%s = %d, want %d to %d", name, got, least, most)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

const many = 1 << 30

func startApp(ctx context.Context, t *testing.T, port, ip string) (app *watched, address string) {
	t.Helper()
	app, line := watch(start(ctx, t, filepath.Join(folder, "app"),
		"SERVER_HOST=127.0.0.1", "SERVER_PORT="+port, "HEALTH_PORT=0", "POD_IP="+ip, "HOSTNAME=app"), "listening")
	return app, line["address"].(string)
}

func shortly(t *testing.T) context.Context {
	t.Helper()
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func TestProxyLimitsConnections(t *testing.T) {
	ctx := shortly(t)
	app, address := startApp(ctx, t, "0", "10.0.0.7")
	proxy := newNginx(t, address, "limit_conn open 2;")
	client, _ := watch(proxy.client(ctx, 4), "started")
	client.becomes(ctx, "client_rate_limited_total", 4, many) // the two too many have tried again
	client.becomes(ctx, "client_connections_open", 2, 2)
	app.becomes(ctx, "app_connected_clients", 2, 2)
	if got := app.metric(ctx, "app_connections_total"); got != 2 {
		t.Errorf("the server has accepted %d connections, want the two that are open", got)
	}
	if got := client.metric(ctx, "client_failures_total"); got != 0 {
		t.Errorf("failures = %d, want 0", got)
	}
	client.stop()
	app.stop()
}

func TestProxyLimitsHandshakes(t *testing.T) {
	ctx := shortly(t)
	app, address := startApp(ctx, t, "0", "10.0.0.7")
	proxy := newNginx(t, address, "limit_req zone=handshakes;")
	client, _ := watch(proxy.client(ctx, 3), "started")
	client.becomes(ctx, "client_rate_limited_total", 1, many)
	client.becomes(ctx, "client_connections_open", 3, 3) // those that waited got in
	if got := client.metric(ctx, "client_failures_total"); got != 0 {
		t.Errorf("failures = %d, want 0", got)
	}
	client.stop()
	app.stop()
}

func TestProxyAndServerComeBack(t *testing.T) {
	ctx := shortly(t)
	port := freePort(t)
	app, address := startApp(ctx, t, port, "10.0.0.7")
	proxy := newNginx(t, address, "")
	client, _ := watch(proxy.client(ctx, 3), "started")
	client.becomes(ctx, "client_connections_open", 3, 3)
	client.becomes(ctx, "client_answers_total", 3, many)
	goroutines, files := client.metric(ctx, "go_goroutines"), client.metric(ctx, "process_open_fds")

	// The proxy dies: both sides notice, and meet again through the next.
	proxy.kill()
	client.becomes(ctx, "client_failures_total", 3, many)
	app.becomes(ctx, "app_connected_clients", 0, 0)
	proxy.start()
	client.becomes(ctx, "client_connections_open", 3, 3)
	client.becomes(ctx, "client_reconnects_total", 3, 3)

	// The server's pod is replaced: the client hears why, is told 502 by the proxy for a while, and comes back.
	failures := client.metric(ctx, "client_failures_total")
	app.stop()
	client.becomes(ctx, "client_connections_open", 0, 0)
	client.becomes(ctx, "client_failures_total", failures+1, many)
	app, _ = startApp(ctx, t, port, "10.0.0.8")
	client.becomes(ctx, "client_connections_open", 3, 3)
	client.becomes(ctx, "client_reconnects_total", 6, 6)

	// Nothing is left of the connections that were lost, and when the client goes, of none.
	client.becomes(ctx, "go_goroutines", 1, goroutines)
	client.becomes(ctx, "process_open_fds", 1, files)
	app.becomes(ctx, "app_connected_clients", 3, 3)
	goroutines, files = app.metric(ctx, "go_goroutines"), app.metric(ctx, "process_open_fds")
	client.stop()
	app.becomes(ctx, "app_connected_clients", 0, 0)
	app.becomes(ctx, "go_goroutines", 1, goroutines-3)
	app.becomes(ctx, "process_open_fds", 1, files-3)
	app.stop()
}

// TestPeerBehindTheProxyDoesNotRead sends and sends, and never reads an answer.
func TestPeerBehindTheProxyDoesNotRead(t *testing.T) {
	takesLong(t)
	ctx := shortly(t)
	app, address := startApp(ctx, t, "0", "10.0.0.7")
	proxy := newNginx(t, address, "")
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", proxy.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if deadline, ok := ctx.Deadline(); !ok || conn.SetDeadline(deadline) != nil {
		t.Fatal("the connection cannot be bounded")
	}
	if _, err := fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n", address); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReaderSize(conn, 16).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "HTTP/1.1 101 ") {
		t.Fatalf("the handshake was answered with %q, %v", line, err)
	}
	message := []byte("\x81\xfe\xff\xff\x00\x00\x00\x00" + strings.Repeat("x", 65535)) // masked with zeros
	for err == nil {
		_, err = conn.Write(message)
	}
	if ctx.Err() != nil {
		t.Fatal("the peer is still connected")
	}
	app.becomes(ctx, "app_slow_peers_total", 1, 1)
	app.becomes(ctx, "app_connected_clients", 0, 0)
	app.stop()
}
