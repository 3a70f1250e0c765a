package apps_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// nginx stands where Envoy stands in the cluster: a proxy that has never heard of the two programs.
type nginx struct {
	t       *testing.T
	folder  string
	address string
	process *exec.Cmd
}

// configuration has one server. What limits it is put in by the test: in Envoy's stead nginx refuses connections with
// 503 and handshakes with 429.
const configuration = `daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr error;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  limit_conn_zone $server_port zone=open:1m;
  limit_conn_status 503;
  limit_req_zone $server_port zone=handshakes:1m rate=2r/s;
  limit_req_status 429;
  server {
    listen %s;
    location / {
      %s
      proxy_pass http://%s;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "upgrade";
      proxy_set_header Upgrade $http_upgrade;
      proxy_read_timeout 1h;
    }
  }
}
`

// newNginx starts an nginx in front of an app. Without one on the machine the test is skipped, but not in CI.
func newNginx(t *testing.T, app any, limits string) *nginx {
	t.Helper()
	if _, err := exec.LookPath("nginx"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("no nginx on the PATH, and in CI nothing may be missing")
		}
		t.Skip("no nginx on the PATH")
	}
	n := &nginx{t: t, folder: t.TempDir(), address: "127.0.0.1:" + freePort(t)}
	text := fmt.Sprintf(configuration, n.address, limits, app)
	if err := os.WriteFile(filepath.Join(n.folder, "nginx.conf"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.kill)
	n.start()
	return n
}

// freePort is a port that no program listens on and that the system gives to none, so that a program that was killed
// can come back to it.
func freePort(t *testing.T) string {
	t.Helper()
	for range 100 {
		port := strconv.Itoa(20_000 + rand.IntN(12_000))
		if listener, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			_ = listener.Close()
			return port
		}
	}
	t.Fatal("no port from 20000 to 32000 is free")
	return ""
}

// start returns when connections are accepted.
func (n *nginx) start() {
	n.t.Helper()
	var stderr bytes.Buffer
	n.process = exec.Command("nginx", "-p", n.folder, "-c", "nginx.conf", "-e", "stderr")
	n.process.Stderr = &stderr
	n.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := n.process.Start(); err != nil {
		n.t.Fatal(err)
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if conn, err := net.Dial("tcp", n.address); err == nil {
			_ = conn.Close()
			return
		}
	}
	n.kill()
	n.t.Fatalf("nginx accepts nothing: %s", stderr.String())
}

// kill ends nginx and its worker as a crash would: no connection is closed with a word.
func (n *nginx) kill() {
	if n.process != nil {
		_ = syscall.Kill(-n.process.Process.Pid, syscall.SIGKILL)
		_ = n.process.Wait()
		n.process = nil
	}
}

// client starts a client that keeps connections open through the proxy.
func (n *nginx) client(ctx context.Context, connections int) *program {
	n.t.Helper()
	return start(ctx, n.t, filepath.Join(folder, "client"),
		"ENVOY_ENDPOINT=ws://"+n.address, fmt.Sprintf("MAX_CONNECTIONS=%d", connections), "CONNECTION_INTERVAL=10ms",
		"MESSAGE_INTERVAL_MIN=20ms", "MESSAGE_INTERVAL_MAX=40ms", "HEALTH_PORT=0", "CLIENT_ID=tester")
}
