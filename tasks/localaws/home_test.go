package localaws_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"envoy-proxy-poc/tasks/localaws"
)

func TestOneProcessOpensAFolder(t *testing.T) {
	p := spawn(t, t.TempDir()).ready()
	data := filepath.Join(dirOf(p), "data")
	if _, err := localaws.Open(localaws.Options{Dir: data}); !errors.Is(err, localaws.ErrInUse) {
		t.Errorf("opening a folder that another process has open: error %v, want ErrInUse", err)
	}
	p.kill()
	opened, err := localaws.Open(localaws.Options{Dir: data})
	wantOK(t, err)
	wantOK(t, opened.Close())
}

// dirOf is the folder a process serves.
func dirOf(p *process) string {
	for _, pair := range p.cmd.Env {
		if dir, ok := strings.CutPrefix(pair, homeDir+"="); ok {
			return dir
		}
	}
	return ""
}

func TestSecondLocalWaits(t *testing.T) {
	for _, end := range []string{"stopped", "killed"} {
		t.Run(end, func(t *testing.T) {
			dir := t.TempDir()
			first := spawn(t, dir, homeKind+"=local").ready()
			second := spawn(t, dir, homeKind+"=local")
			if got, want := second.says("waiting"), fmt.Sprint("for ", first.cmd.Process.Pid); got != want {
				t.Errorf("the second is waiting %s, want %s", got, want)
			}
			if end == "killed" {
				first.kill()
			} else {
				first.stop()
			}
			if second.ready().url != first.url {
				t.Errorf("the second serves %s, want the folder's own address %s", second.url, first.url)
			}
		})
	}
}

func TestServeIsShared(t *testing.T) {
	dir := t.TempDir()
	serve := spawn(t, dir, homeKind+"=serve").ready()
	sharing := spawn(t, dir, homeKind+"=local")
	if got, want := sharing.says("serving"), fmt.Sprint(serve.url, " ", serve.cmd.Process.Pid); got != want {
		t.Errorf("the local is served at %s, want %s", got, want)
	}
	sharing.stop()
	if reply, _, err := call(t.Context(), "GET", serve.url+"/v2/", nil); err != nil || reply.StatusCode != http.StatusUnauthorized {
		t.Errorf("after the sharing process ended the serve answers %v, %v", reply, err)
	}
	_, err := localaws.Home{Dir: dir, Kind: "serve"}.Start(t.Context())
	if want := fmt.Sprintf("process %d serves %s already, at %s", serve.cmd.Process.Pid, dir, serve.url); err == nil || err.Error() != want {
		t.Errorf("a second serve: error %v, want %s", err, want)
	}
	serve.stop()
	if _, err := os.Stat(filepath.Join(dir, "holder.json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after it ended its note is there: %v", err)
	}
}

// TestStaleNote: a serve was killed, and a local has the folder, and by that the address, by now. A third process must wait
// for the local, not share it as if it were the serve.
func TestStaleNote(t *testing.T) {
	dir := t.TempDir()
	serve := spawn(t, dir, homeKind+"=serve").ready()
	note, err := os.ReadFile(filepath.Join(dir, "holder.json"))
	wantOK(t, err)
	serve.kill()
	local := spawn(t, dir, homeKind+"=local").ready()
	wantOK(t, os.WriteFile(filepath.Join(dir, "holder.json"), note, 0o600)) // as the third may have read it a moment ago
	third := spawn(t, dir, homeKind+"=local")
	third.says("waiting")
	local.kill()
	third.ready()
}

// TestForeignerAtTheAddress: the note of a killed serve leads to a program that is no local AWS at all.
func TestForeignerAtTheAddress(t *testing.T) {
	dir := t.TempDir()
	serve := spawn(t, dir, homeKind+"=serve").ready()
	serve.kill()
	foreigner, err := net.Listen("tcp4", serve.host())
	wantOK(t, err)
	defer foreigner.Close()
	_, err = localaws.Home{Dir: dir, Kind: "local"}.Start(t.Context())
	if busy := (*localaws.PortError)(nil); !errors.As(err, &busy) || busy.Port == 0 || busy.Folder != dir {
		t.Errorf("got error %v, want a PortError", err)
	}
	wantOK(t, foreigner.Close())
	spawn(t, dir).ready()
}

func TestWaitingEnds(t *testing.T) {
	dir := t.TempDir()
	spawn(t, dir, homeKind+"=local").ready()
	ctx, cancel := context.WithCancel(t.Context())
	home := localaws.Home{Dir: dir, Kind: "local", Waiting: func(int) { cancel() }}
	if _, err := home.Start(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want the context's", err)
	}
}

func TestPortIsKept(t *testing.T) {
	dir := t.TempDir()
	home := localaws.Home{Dir: dir, Kind: "local"}
	first, err := home.Start(t.Context())
	wantOK(t, err)
	wantOK(t, first.Close(t.Context()))
	home.Port = freePort(t)
	again, err := home.Start(t.Context())
	wantOK(t, err)
	defer func() { wantOK(t, again.Close(t.Context())) }()
	if again.URL != first.URL || !strings.HasPrefix(again.URL, "http://127.0.0.1:") {
		t.Errorf("serves %s, want %s on loopback", again.URL, first.URL)
	}
	wantOK(t, os.WriteFile(filepath.Join(dir, "port"), nil, 0o600)) // as a power cut may leave it
	wantOK(t, again.Close(t.Context()))
	again, err = home.Start(t.Context())
	wantOK(t, err)
	if !strings.HasSuffix(again.URL, fmt.Sprint(":", home.Port)) || home.KeptPort() != home.Port {
		t.Errorf("with an empty note it serves %s and keeps %d, want the port %d", again.URL, home.KeptPort(), home.Port)
	}
	for _, text := range []string{"0", "65536", "http"} {
		dir := t.TempDir()
		wantOK(t, os.WriteFile(filepath.Join(dir, "port"), []byte(text), 0o600))
		if _, err := (localaws.Home{Dir: dir}).Start(t.Context()); err == nil || !strings.Contains(err.Error(), "want a port number") {
			t.Errorf("with the port %q: error %v", text, err)
		}
		opened, err := localaws.Open(localaws.Options{Dir: filepath.Join(dir, "data")})
		wantOK(t, err) // the failed start has let go of the lock
		wantOK(t, opened.Close())
	}
}

// TestCloseEndsEverything: a client that stands still in the middle of an upload is cut off when its time is over, and then
// no request is running in a folder that is free for others. A folder that was removed meanwhile is no error.
func TestCloseEndsEverything(t *testing.T) {
	dir := t.TempDir()
	home := localaws.Home{Dir: dir, Kind: "serve"}
	serving, err := home.Start(t.Context())
	wantOK(t, err)
	conn, err := net.Dial("tcp4", strings.TrimPrefix(serving.URL, "http://"))
	wantOK(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "PUT /bucket HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: %s\r\nX-Amz-Content-Sha256: UNSIGNED-PAYLOAD\r\n"+
		"Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n", strings.Replace(signed, "ecr", "s3", 1))
	wantOK(t, err)
	_, err = bufio.NewReader(conn).ReadString('\n') // it is asked to go on: the handler reads the body
	wantOK(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := serving.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("closing: error %v, want that the requests under way did not end", err)
	}
	opened, err := localaws.Open(localaws.Options{Dir: filepath.Join(dir, "data")})
	wantOK(t, err)
	wantOK(t, opened.Close())
	again, err := home.Start(t.Context())
	wantOK(t, err)
	wantOK(t, os.RemoveAll(dir))
	wantOK(t, again.Close(t.Context()))
}
