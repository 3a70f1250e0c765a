package apps_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// What one peer may cost: memory in MB, and log in bytes in the first minute.
const (
	mostMemory = 200
	mostLog    = 1_000_000
)

// attacked starts the server. Its log is counted, not kept.
func attacked(ctx context.Context, t *testing.T) (app *program, address string, logged *atomic.Int64) {
	t.Helper()
	takesLong(t)
	app = start(ctx, t, filepath.Join(folder, "app"), "SERVER_HOST=127.0.0.1", "SERVER_PORT=0", "HEALTH_PORT=0")
	address, _ = app.until("listening")["address"].(string)
	return app, address, counted(app)
}

// counted counts what a program logs from now on.
func counted(p *program) *atomic.Int64 {
	var logged atomic.Int64
	go func() {
		for p.lines.Scan() {
			logged.Add(int64(len(p.lines.Bytes())) + 1)
		}
	}()
	return &logged
}

var peak = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// memory is the most that a process had resident so far, in MB.
func memory(t *testing.T, p *program) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	kilobytes, err := strconv.Atoi(peak.FindStringSubmatch(string(status))[1])
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes / 1000
}

// bounded checks what an attack has cost.
func bounded(t *testing.T, p *program, logged *atomic.Int64) {
	t.Helper()
	used, lines := memory(t, p), logged.Load()
	t.Logf("memory %d MB at most, log %d kB", used, lines/1000)
	if used > mostMemory || lines > mostLog {
		t.Errorf("memory %d MB and log %d bytes, want at most %d and %d", used, lines, mostMemory, mostLog)
	}
}

// honest has a new peer ask and be answered.
func honest(ctx context.Context, t *testing.T, address string) {
	t.Helper()
	conn, _, err := websocket.Dial(ctx, "ws://"+address, nil)
	if err != nil {
		t.Fatalf("an honest peer is refused: %v", err)
	}
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(1 << 20)
	if err := conn.Write(ctx, websocket.MessageText, []byte("hello")); err != nil {
		t.Fatalf("an honest peer cannot ask: %v", err)
	}
	if _, answer, err := conn.Read(ctx); err != nil || !strings.Contains(string(answer), "hello") {
		t.Fatalf("an honest peer gets %q, %v", answer, err)
	}
}

// crowd connects n peers, each with these headers, and does with each what it says.
func crowd(ctx context.Context, t *testing.T, n int, address string, header http.Header, do func(*websocket.Conn)) {
	t.Helper()
	options := &websocket.DialOptions{HTTPHeader: header}
	var peers sync.WaitGroup
	for range n {
		conn, _, err := websocket.Dial(ctx, "ws://"+address, options)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.CloseNow() })
		peers.Go(func() { do(conn) })
	}
	peers.Wait()
}

func TestLongNamesAreNotKept(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	app, address, logged := attacked(ctx, t)
	long := strings.Repeat("\xff", 29_000)
	header := http.Header{"X-Client-Id": {long}, "X-Connection-Id": {long}}
	crowd(ctx, t, 1000, address, header, func(*websocket.Conn) {})
	honest(ctx, t, address)
	bounded(t, app, logged)
}

func TestAnswersThatNobodyTakesAreFew(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	app, address, logged := attacked(ctx, t)
	message := []byte(strings.Repeat("\x01", 1<<20)) // its answer is six times as long
	sending, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	crowd(ctx, t, 300, address, nil, func(conn *websocket.Conn) {
		_ = conn.Write(sending, websocket.MessageText, message)
	})
	honest(ctx, t, address)
	bounded(t, app, logged)
}

func TestUnfinishedMessagesAreFew(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	app, address, logged := attacked(ctx, t)
	most := []byte(strings.Repeat("x", 1<<20-1))
	sending, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	crowd(ctx, t, 1000, address, nil, func(conn *websocket.Conn) {
		if message, err := conn.Writer(sending, websocket.MessageText); err == nil {
			_, _ = message.Write(most)
		}
	})
	honest(ctx, t, address)
	bounded(t, app, logged)
}

// A peer that only connects and goes again causes two log lines each time.
func TestComingAndGoingFloodsNoLog(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	app, address, logged := attacked(ctx, t)
	for range 5000 {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = conn.Write([]byte("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"))
		_, _ = conn.Read(make([]byte, 1))
		_ = conn.Close()
	}
	honest(ctx, t, address)
	bounded(t, app, logged)
	if logged.Load() < 10_000 {
		t.Error("nothing was logged")
	}
}

// The server of this test answers what nobody asked for, at length; then it sends the client elsewhere.
func TestTheClientBelievesNoServer(t *testing.T) {
	takesLong(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var elsewhere, redirected atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	answer := fmt.Appendf(nil, `{"timestamp":"now","pod_ip":%q}`, strings.Repeat("9", 1_000_000))
	var served atomic.Int64
	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if served.Add(1) > 5 {
			redirected.Add(1)
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
			return
		}
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		for until := time.Now().Add(3 * time.Second); time.Now().Before(until); {
			if conn.Write(ctx, websocket.MessageText, answer) != nil {
				break
			}
		}
		_ = conn.CloseNow()
	}))
	defer evil.Close()
	client := start(ctx, t, filepath.Join(folder, "client"), "ENVOY_ENDPOINT=ws"+strings.TrimPrefix(evil.URL, "http"),
		"MAX_CONNECTIONS=5", "CONNECTION_INTERVAL=0.01", "HEALTH_PORT=0")
	client.until("started")
	logged := counted(client)
	for redirected.Load() < 2 && ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	bounded(t, client, logged)
	if redirected.Load() == 0 || elsewhere.Load() != 0 {
		t.Errorf("%d redirects, of which %d were followed", redirected.Load(), elsewhere.Load())
	}
}
