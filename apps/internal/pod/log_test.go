package pod_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"envoy-proxy-poc/apps/internal/pod"
	"envoy-proxy-poc/apps/internal/podtest"
)

func TestName(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "",
		"client-7d9":             "client-7d9",
		"zwölf":                  "zwölf",
		"a\x1b[2J\r\nb\x00":      "a?[2J??b?",
		"\xff\xfe":               "??",
		strings.Repeat("é", 128): strings.Repeat("é", 128),
		strings.Repeat("x", 500): strings.Repeat("x", 128) + "…",
	} {
		if got := pod.Name(text); got != want {
			t.Errorf("Name(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestPeersCannotFloodTheLog(t *testing.T) {
	var out bytes.Buffer
	clock := podtest.NewClock()
	own, peers := pod.Loggers(pod.Process{Stdout: &out, Clock: clock})
	for range 60 { // a minute of ten thousand lines
		for range 170 {
			peers.Info("connected", "client_id", strings.Repeat("x", 200))
		}
		clock.Advance(time.Second)
	}
	if got := out.Len(); got < 500_000 || got > 1_000_000 {
		t.Errorf("a minute's log has %d bytes, want some of the lines and less than a megabyte", got)
	}
	written := strings.Count(out.String(), `"msg":"connected"`)
	out.Reset()
	own.Info("draining")
	if got := out.String(); !strings.Contains(got, "left out") || !strings.Contains(got, "draining") {
		t.Errorf("the program's own line is always written, with what was left out before it; got %q", got)
	}
	if written > 60*170-1000 {
		t.Errorf("%d lines of 10,200 were written, want far fewer", written)
	}
	out.Reset()
	clock.Advance(24 * time.Hour)
	for range 10_000 {
		peers.Info("connected")
	}
	if got := out.Len(); got > 300_000 {
		t.Errorf("after a silent day a burst has %d bytes, want 256 KiB", got)
	}
}
