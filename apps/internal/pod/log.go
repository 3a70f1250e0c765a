package pod

import (
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode"
)

// The log lines that peers cause: so many bytes at once, and a second after that, less than 1 MB in any minute.
const (
	peerLogBurst  = 256 << 10
	peerLogSecond = 8 << 10
)

// How much of a peer's text is kept and logged, in characters: of a name, and of why something failed.
const (
	shownName   = 128
	shownReason = 512
)

// Name is a name that a peer gave, as it may be kept and logged.
func Name(text string) string { return printable(text, shownName) }

// Reason is an error's text, which may quote a peer, as it may be logged.
func Reason(err error) string { return printable(err.Error(), shownReason) }

func printable(text string, left int) string {
	var shown strings.Builder
	for _, r := range text {
		if left--; left < 0 {
			shown.WriteString("…")
			break
		}
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			r = '?'
		}
		shown.WriteRune(r)
	}
	return shown.String()
}

// Loggers returns the program's own log and that of what peers do, as JSON lines on stdout. Peers can fill no disk:
// where they cause too many lines, some are left out, and a later line says how many.
func Loggers(process Process) (own, peers *slog.Logger) {
	log := &sharedLog{out: process.Stdout, clock: process.Clock, left: peerLogBurst, at: process.Clock.Now()}
	log.notice = slog.New(slog.NewJSONHandler(process.Stdout, nil))
	return slog.New(slog.NewJSONHandler(ownLines{log}, nil)), slog.New(slog.NewJSONHandler(peerLines{log}, nil))
}

// sharedLog is what both loggers write to. A log line is one Write.
type sharedLog struct {
	out    io.Writer
	clock  Clock
	notice *slog.Logger

	mu      sync.Mutex
	left    int       // bytes that peers may still cause
	at      time.Time // when left was right
	skipped int       // lines left out since the last notice
}

type (
	ownLines  struct{ *sharedLog }
	peerLines struct{ *sharedLog }
)

func (l ownLines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.write(line)
}

func (l peerLines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if whole := int(l.clock.Now().Sub(l.at) / time.Second); whole > 0 {
		l.left = min(peerLogBurst, l.left+min(whole, peerLogBurst/peerLogSecond)*peerLogSecond)
		l.at = l.at.Add(time.Duration(whole) * time.Second)
	}
	if len(line) > l.left {
		l.skipped++
		return len(line), nil
	}
	l.left -= len(line)
	return l.write(line)
}

func (l *sharedLog) write(line []byte) (int, error) {
	if l.skipped > 0 {
		l.notice.Warn("log lines about peers were left out", "lines", l.skipped)
		l.skipped = 0
	}
	return l.out.Write(line)
}
