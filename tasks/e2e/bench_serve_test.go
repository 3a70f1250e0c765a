package e2e_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkServe starts the compiled menu's `serve` in a copy of the project: for the first time, when .local has yet
// to be made, and again. It prints the medians of the time from the start of the process until it accepts a connection
// (connect) and has answered a request (answer), and what it takes two seconds later, idle: resident memory, and
// processor time by the second. The last two are known on Linux only.
//
//	go test ./tasks/e2e -run '^$' -bench Serve -benchtime 10x
func BenchmarkServe(b *testing.B) {
	dir := b.TempDir()
	for _, part := range []string{"go.mod", "terraform"} {
		if err := copyTree(filepath.Join("../..", part), filepath.Join(dir, part)); err != nil {
			b.Fatal(err)
		}
	}
	var first, again []started
	for b.Loop() {
		if err := os.RemoveAll(filepath.Join(dir, ".local")); err != nil {
			b.Fatal(err)
		}
		first = append(first, startServe(b, dir))
		again = append(again, startServe(b, dir))
	}
	b.ReportMetric(0, "ns/op")
	for name, all := range map[string][]started{"first": first, "again": again} {
		b.ReportMetric(middle(all, func(s started) float64 { return s.connect }), name+"-connect-ms")
		b.ReportMetric(middle(all, func(s started) float64 { return s.answer }), name+"-answer-ms")
		b.ReportMetric(middle(all, func(s started) float64 { return s.resident }), name+"-idle-MiB")
		b.ReportMetric(middle(all, func(s started) float64 { return s.busy }), name+"-idle-cpu-ms/s")
	}
}

// started is one start, in milliseconds, MiB, and milliseconds by the second.
type started struct{ connect, answer, resident, busy float64 }

func middle(all []started, of func(started) float64) float64 {
	var values []float64
	for _, one := range all {
		values = append(values, of(one))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func startServe(b *testing.B, dir string) (s started) {
	b.Helper()
	port := 20000 + os.Getpid()%10000 // below those that outgoing connections get
	address := fmt.Sprintf("127.0.0.1:%d", port)
	cmd := exec.Command(mage, "serve")
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, fmt.Sprint("LOCAL_AWS_PORT=", port)}
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	since := func() float64 { return float64(time.Since(begin).Microseconds()) / 1000 }
	for {
		conn, err := net.Dial("tcp4", address)
		if err == nil {
			s.connect = since()
			_ = conn.Close()
			break
		}
		if since() > 60_000 {
			b.Fatal("serve does not listen")
		}
		time.Sleep(200 * time.Microsecond)
	}
	reply, err := http.Get("http://" + address + "/v2/")
	if err != nil {
		b.Fatal(err)
	}
	s.answer = since()
	_ = reply.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	time.Sleep(2 * time.Second)
	before := processor(cmd.Process.Pid)
	time.Sleep(time.Second)
	s.busy, s.resident = processor(cmd.Process.Pid)-before, resident(cmd.Process.Pid)
	_ = cmd.Process.Signal(os.Interrupt)
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	return s
}

// processor is how much processor time a process has had, in milliseconds.
func processor(pid int) float64 {
	const tick = 10 // milliseconds; USER_HZ is 100 on every Linux of today
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, fields, _ := strings.Cut(string(text), ") ")
	words := strings.Fields(fields)
	if len(words) < 13 {
		return 0 // not Linux
	}
	user, _ := strconv.ParseFloat(words[11], 64)
	system, _ := strconv.ParseFloat(words[12], 64)
	return (user + system) * tick
}

func resident(pid int) float64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	words := strings.Fields(string(text))
	if len(words) < 2 {
		return 0 // not Linux
	}
	pages, _ := strconv.ParseFloat(words[1], 64)
	return pages * float64(os.Getpagesize()) / (1 << 20)
}
