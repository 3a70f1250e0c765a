package console

import (
	"fmt"
	"strings"
	"time"
)

const (
	barWidth   = 24
	redrawEach = 100 * time.Millisecond
)

// Progress shows how far one piece of work is: a bar on a terminal, nothing elsewhere (the story's lines say enough there).
type Progress struct {
	c     *Console
	label string
	drawn time.Time
	shown bool
}

// Progress starts a bar.
func (c *Console) Progress(label string) *Progress { return &Progress{c: c, label: label} }

// Set draws done of total bytes.
func (p *Progress) Set(done, total int64) {
	p.draw(done, total, Bytes(done)+" of "+Bytes(total))
}

// Count draws done of total things.
func (p *Progress) Count(done, total int64, things string) {
	p.draw(done, total, fmt.Sprintf("%d of %d %s", done, total, things))
}

// draw draws at most ten times a second.
func (p *Progress) draw(done, total int64, text string) {
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	if !p.c.terminal || total <= 0 || (done < total && time.Since(p.drawn) < redrawEach) {
		return
	}
	p.drawn, p.shown = time.Now(), true
	fmt.Fprintf(p.c.err, "\r\x1b[K%s %s %s", p.label, bar(done, total), text)
}

// Done wipes the bar, so that the line that says what happened takes its place.
func (p *Progress) Done() {
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.c.err, "\r\x1b[K")
		p.shown = false
	}
}

func bar(done, total int64) string {
	full := int(min(done, total) * barWidth / total)
	return "[" + strings.Repeat("=", full) + strings.Repeat(" ", barWidth-full) + "]"
}
