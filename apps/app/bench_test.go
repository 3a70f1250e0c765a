package main

import (
	"bufio"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"envoy-proxy-poc/apps/internal/pod"
)

// BenchmarkConnections measures a server with 1,000 connections open: the memory of one that is idle, and how long an
// answer takes while sixteen peers at a time ask. The peers are sockets without a library, in the same process.
func BenchmarkConnections(b *testing.B) {
	const connections, atATime = 1000, 16
	s := newServer(config{maxConnections: connections}, pod.Wall, slog.New(slog.DiscardHandler))
	listener := httptest.NewServer(s)
	defer listener.Close()
	before := memory()
	conns := make(chan net.Conn, connections)
	for range connections {
		conns <- connect(b, listener.Listener.Addr().String())
	}
	for s.connected() < connections {
		time.Sleep(time.Millisecond)
	}
	perConnection := (memory() - before) / connections

	var left atomic.Int64
	left.Store(int64(b.N))
	times := make([]time.Duration, b.N)
	var peers sync.WaitGroup
	b.ResetTimer()
	for range atATime {
		peers.Go(func() {
			for n := left.Add(-1); n >= 0; n = left.Add(-1) {
				conn := <-conns
				started := time.Now()
				if !echo(b, conn) {
					return
				}
				times[n] = time.Since(started)
				conns <- conn
			}
		})
	}
	peers.Wait()
	b.StopTimer()
	slices.Sort(times)
	b.ReportMetric(float64(perConnection), "B/conn")
	b.ReportMetric(float64(times[len(times)*50/100].Microseconds()), "p50-us")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-us")
}

// memory is what is in use once the garbage has been collected, stacks of goroutines included.
func memory() int64 {
	runtime.GC()
	runtime.GC() // buffers in a pool take a second round
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

func connect(b *testing.B, host string) net.Conn {
	b.Helper()
	conn, err := bare(host, "")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	response, err := http.ReadResponse(bufio.NewReaderSize(conn, 512), nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		b.Fatalf("the handshake was answered with %v, %v", response, err)
	}
	return conn
}

// echo says hello and reads the answer, which comes in one piece.
func echo(b *testing.B, conn net.Conn) bool {
	if _, err := conn.Write([]byte(frameOf5 + "hello")); err != nil {
		b.Error(err)
		return false
	}
	var answer [1024]byte
	n, err := conn.Read(answer[:])
	if err != nil || answer[0] != 0x81 || answer[n-1] != '}' {
		b.Errorf("the answer was %q, %v", answer[:n], err)
		return false
	}
	return true
}
