package e2e_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkServe starts the compiled menu's `serve` in a copy of the project: first without .local, then with it. It
// prints medians: the time from the start of the process until it accepts a connection (connect) and until it has
// answered a request (answer); and, idle two seconds later, its resident memory and its processor time per second. The
// last two are known on Linux only.
//
//	go test ./tasks/e2e -run '^$' -bench Serve -benchtime 10x
func BenchmarkServe(b *testing.B) {
	w := newWorld(b)
	var first, again []started
	for b.Loop() {
		if err := os.RemoveAll(filepath.Join(w.dir, ".local")); err != nil {
			b.Fatal(err)
		}
		first = append(first, timeServe(w))
		again = append(again, timeServe(w))
	}
	b.ReportMetric(0, "ns/op")
	for name, all := range map[string][]started{"first": first, "again": again} {
		b.ReportMetric(middle(all, func(s started) float64 { return s.connect }), name+"-connect-ms")
		b.ReportMetric(middle(all, func(s started) float64 { return s.answer }), name+"-answer-ms")
		b.ReportMetric(middle(all, func(s started) float64 { return s.resident }), name+"-idle-MiB")
		b.ReportMetric(middle(all, func(s started) float64 { return s.busy }), name+"-idle-cpu-ms/s")
	}
}

// started is one start, in milliseconds, MiB, and milliseconds per second.
type started struct{ connect, answer, resident, busy float64 }

func middle(all []started, of func(started) float64) float64 {
	var values []float64
	for _, one := range all {
		values = append(values, of(one))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func timeServe(w *world) (s started) {
	w.t.Helper()
	port := 20000 + os.Getpid()%10000 // below the ports of outgoing connections
	address := fmt.Sprintf("127.0.0.1:%d", port)
	cmd := w.command(mage, "serve")
	cmd.Env = append(cmd.Env, fmt.Sprint("LOCAL_AWS_PORT=", port))
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
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
			w.t.Fatal("serve does not listen")
		}
		time.Sleep(200 * time.Microsecond)
	}
	reply, err := http.Get("http://" + address + "/v2/")
	if err != nil {
		w.t.Fatal(err)
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
		w.t.Fatal(err)
	}
	return s
}

// processor is the processor time that a process has used, in milliseconds.
func processor(pid int) float64 {
	const tick = 10 // milliseconds: USER_HZ is 100 on every Linux
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
