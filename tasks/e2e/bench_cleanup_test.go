package e2e_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkCleanup empties a repository of 100,000 images: without a filter, and with a filter that selects all of
// them, for which the suite has to find out which image belongs to which index. A server 20 ms away stands in between.
// It prints the time, the most resident memory of the compiled menu (known on Linux only), and the most deletions at
// the same time. To fill the repositories takes minutes.
//
//	go test ./tasks/e2e -run '^$' -bench '^BenchmarkCleanup$' -benchtime 1x -timeout 30m
func BenchmarkCleanup(b *testing.B) {
	const many = 100_000
	for name, flags := range map[string]string{"All": "", "Filtered": "-olderThan=1ms"} {
		b.Run(name, func(b *testing.B) {
			w := newBenchWorld(b)
			far := newFarAway(b, w.env["AWS_ENDPOINT_URL"])
			var took time.Duration
			var peak float64
			for b.Loop() {
				b.StopTimer()
				w.fillOne(repositories["app"], many)
				cmd := w.command(mage, strings.Fields("ecr:cleanup -yes -repo=app "+flags)...)
				cmd.Env = append(cmd.Env, "AWS_ENDPOINT_URL="+far.url)
				b.StartTimer()
				begin := time.Now()
				memory, said := runMeasured(b, cmd)
				took, peak = took+time.Since(begin), max(peak, memory)
				if want := fmt.Sprintf("%d manifests", many); !strings.Contains(said, want) {
					b.Fatalf("it does not say that %s:\n%s", want, said)
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(took.Seconds()/float64(b.N), "s")
			b.ReportMetric(peak, "peak-MiB")
			b.ReportMetric(float64(far.most.Load()), "in-flight")
		})
	}
}

// farAway is a slow server in front of another. It counts the deletions that it has at the same time.
type farAway struct {
	url       string
	now, most atomic.Int64
}

func newFarAway(b *testing.B, endpoint string) *farAway {
	to, err := url.Parse(endpoint)
	if err != nil {
		b.Fatal(err)
	}
	f, proxy := &farAway{}, httputil.NewSingleHostReverseProxy(to)
	proxy.Transport = &http.Transport{MaxIdleConnsPerHost: 64}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".BatchDeleteImage") {
			now := f.now.Add(1)
			defer f.now.Add(-1)
			for most := f.most.Load(); now > most && !f.most.CompareAndSwap(most, now); most = f.most.Load() {
			}
		}
		time.Sleep(20 * time.Millisecond)
		proxy.ServeHTTP(w, r)
	}))
	b.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// runMeasured runs a command and returns its most resident memory, in MiB, and its stderr.
func runMeasured(b *testing.B, cmd *exec.Cmd) (peak float64, said string) {
	b.Helper()
	var story strings.Builder
	cmd.Stderr = &story
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for {
		select {
		case err := <-done:
			if err != nil {
				b.Fatalf("%v\n%s", err, &story)
			}
			return peak, story.String()
		case <-time.After(10 * time.Millisecond):
			peak = max(peak, highWater(cmd.Process.Pid))
		}
	}
}

// highWater is the most resident memory of a process so far. (The figure that the kernel reports at its end includes
// memory of the parent that started it.)
func highWater(pid int) float64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
			return kilobytes / 1024
		}
	}
	return 0 // not Linux
}
