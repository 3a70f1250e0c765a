package console

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// Silent work is a last line with its seconds on a terminal, and a line in a log. Nothing is left of the last line.
func TestElapsed(t *testing.T) {
	var drawn, story bytes.Buffer
	c := &Console{err: &drawn, terminal: true}
	f := &frame{c: c}
	c.elapsed(f, "planning", 2*time.Second)
	c.elapsed(f, "planning", 3400*time.Millisecond)
	f.remove()
	c.Say("end")
	if got := drawn.String(); got != "planning  2s\n\r\x1b[1A\x1b[Jplanning  3s\n\r\x1b[1A\x1b[Jend\n" {
		t.Errorf("the terminal got %q", got)
	}
	log := &Console{err: &story}
	log.elapsed(&frame{c: log}, "planning", 10*time.Second)
	done := log.Waiting("planning")
	done()
	if got := story.String(); !strings.HasPrefix(got, "planning: 10s\n") {
		t.Errorf("the log got %q", got)
	}
}
