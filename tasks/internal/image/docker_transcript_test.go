package image

import (
	"io"
	"strings"
	"testing"
)

// What builders say when they fail, shortened.
const (
	classicFails = "Sending build context to Docker daemon  79.36kB\nStep 14/28 : COPY apps/app ./apps/app\n ---> 1d0c\n" +
		"Step 15/28 : RUN go build\n ---> Running in fd45\n\x1b[91mapps/app/main.go:3:15: undefined: nothing\n\x1b[0m" +
		"Removing intermediate container fd45\nThe command 'go build' returned a non-zero code: 1\n"
	classicLacks  = "Step 1/28 : ARG GO_IMAGE\nStep 2/28 : FROM ${GO_IMAGE} AS build\nmanifest for golang:1.99 not found\n"
	buildKitFails = "#3 [internal] load metadata for docker.io/library/golang:1.26\n#3 DONE 0.0s\n\n" +
		"#11 [build 7/8] COPY apps ./apps\n#11 DONE 0.1s\n" +
		"#12 [build 8/8] RUN go build\n#12 sha256:0b01\n#12 0.231 go: downloading x v1\n" +
		"#12 1.097 apps/app/main.go:3:15: undefined: nothing\n#12 ERROR: executor failed running [go build]: exit code: 1\n" +
		"------\n > [build 8/8] RUN go build:\n------\nexecutor failed running [go build]: exit code: 1\n"
	fleetLacks = "#2 [linux/amd64 internal] load metadata for example.com/go:none\n" +
		"#2 ERROR: example.com/go:none: not found\n" +
		"------\n > [linux/amd64 internal] load metadata for example.com/go:none:\n------\n" +
		"ERROR: failed to solve: example.com/go:none: not found\n"
	misspelt = "#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\n" +
		"ERROR: dockerfile parse error on line 3\n"
)

func TestLastWords(t *testing.T) {
	tests := map[string]struct {
		want   string
		onBase bool
	}{
		classicFails: {"Step 15/28 : RUN go build\n ---> Running in fd45\napps/app/main.go:3:15: undefined: nothing\n" +
			"Removing intermediate container fd45\nThe command 'go build' returned a non-zero code: 1", false},
		classicLacks:  {"Step 2/28 : FROM ${GO_IMAGE} AS build\nmanifest for golang:1.99 not found", true},
		buildKitFails: {strings.ReplaceAll(strings.TrimSpace(buildKitFails), "\n\n", "\n"), false},
		fleetLacks:    {strings.TrimSpace(fleetLacks), true},
		misspelt:      {strings.TrimSpace(misspelt), false},
		"":            {"", false},
	}
	for said, test := range tests {
		transcript := newTranscript(io.Discard)
		_, _ = io.WriteString(transcript, said)
		transcript.Flush()
		if got := lastWords(transcript.kept); got != test.want {
			t.Errorf("last words of %q:\ngot  %q\nwant %q", said, got, test.want)
		}
		if got := failedOnBase(transcript.kept); got != test.onBase {
			t.Errorf("failedOnBase(%q) = %v", said, got)
		}
	}
	long := strings.Repeat("word\n", 100)
	if got := strings.Count(lastWords(strings.Split(long, "\n")), "\n"); got != linesShown-1 {
		t.Errorf("the last words of many are %d lines, want %d", got+1, linesShown)
	}
}

// TestTranscript wants lines to go on as they end, without colours and empty ones.
func TestTranscript(t *testing.T) {
	var story strings.Builder
	said := newTranscript(&story)
	for _, part := range []string{"one\ntw", "o\x1b[91", "m red\x1b[0m\r\n\n", "rest"} {
		_, _ = io.WriteString(said, part)
	}
	if got, want := story.String(), "one\ntwo red\n"; got != want {
		t.Errorf("the story before the end is %q, want %q", got, want)
	}
	said.Flush()
	if got, want := story.String(), "one\ntwo red\nrest\n"; got != want {
		t.Errorf("the story is %q, want %q", got, want)
	}
	_, _ = io.WriteString(said, strings.Repeat("more\n", 2*linesKept))
	if len(said.kept) != linesKept {
		t.Errorf("%d lines are kept, want %d", len(said.kept), linesKept)
	}
}
