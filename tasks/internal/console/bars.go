package console

import (
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

const barWidth = 40 // columns of a bar itself at most

// Bars show how far several pieces of work are: on a terminal as bars below the story, elsewhere with a line each every
// ten seconds. The methods may be called from several goroutines.
type Bars struct {
	c *Console

	mu       sync.Mutex
	bars     map[string]*bar
	progress *mpb.Progress // lays the bars out and paces them; nil until there is one to draw
	frame    *frame
	ended    bool
}

type bar struct {
	pace
	total int64
	drawn *mpb.Bar // nil where there is no terminal
}

// Bars returns bars that appear when each is first set. Done ends them.
func (c *Console) Bars() *Bars { return &Bars{c: c, bars: map[string]*bar{}} }

// Set says that done of total bytes of the work key are done; then its bar vanishes. A total of 0 is not known yet.
func (b *Bars) Set(key, label string, done, total int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.set(key, label, inBytes, done, total)
	if one := b.bars[key]; one != nil && done >= total {
		one.remove()
		delete(b.bars, key)
	}
}

// Done wipes the bars. Lines that say what happened take their place.
func (b *Bars) Done() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.progress != nil && !b.ended {
		b.progress.Shutdown()
		b.frame.remove()
	}
	b.ended = true
}

func (b *Bars) set(key, label string, u unit, done, total int64) {
	if b.ended || total <= 0 {
		return
	}
	one := b.bars[key]
	if one == nil {
		one = &bar{pace: newPace(Safe(label), u, done, b.c.clock())}
		b.bars[key] = one
		if b.c.terminal {
			b.draw(one)
		}
	}
	if !b.c.terminal {
		if line := one.line(done, total, b.c.clock()); line != "" {
			b.c.Say("%s", line)
		}
		return
	}
	one.show(done, total)
}

// draw adds a bar below the others. Its total is set later: the library would remove the bar on reaching one it knew
// from the start, but some totals still grow.
func (b *Bars) draw(one *bar) {
	if b.progress == nil {
		b.frame = &frame{c: b.c}
		b.progress = mpb.New(mpb.WithConsoleWriter(b.frame), mpb.WithWidth(barWidth))
	}
	column := func(text func(done, total int64, now time.Time) string, align decor.WC) decor.Decorator {
		return decor.Any(func(s decor.Statistics) string { return text(s.Current, s.Total, b.c.clock()) }, align)
	}
	// Add fails after Shutdown, which only Done calls.
	one.drawn, _ = b.progress.Add(0, mpb.BarStyle().Tip("=").Padding(" ").Build(),
		mpb.PrependDecorators(decor.Name(one.label, decor.WCSyncWidthR)),
		mpb.AppendDecorators(column(one.of, decor.WCSyncWidth), column(one.rate, decor.WCSyncSpace),
			column(one.left, decor.WCSyncSpace)))
}

func (one *bar) show(done, total int64) {
	if one.drawn == nil {
		return
	}
	if total != one.total {
		one.total = total
		one.drawn.SetTotal(total, false)
	}
	one.drawn.SetCurrent(done)
}

func (one *bar) remove() {
	if one.drawn != nil {
		one.drawn.Abort(true)
	}
}

// Progress shows how far one piece of work is. Its bar is kept until Done, as its total may grow.
type Progress struct {
	bars  *Bars
	label string
}

// Progress returns a bar that appears when it is first set.
func (c *Console) Progress(label string) *Progress { return &Progress{bars: c.Bars(), label: label} }

// Set says that done of total bytes are done.
func (p *Progress) Set(done, total int64) { p.Count(done, total, string(inBytes)) }

// Count says that done of total things, such as images, are done.
func (p *Progress) Count(done, total int64, things string) {
	p.bars.mu.Lock()
	defer p.bars.mu.Unlock()
	p.bars.set(p.label, p.label, unit(things), done, total)
}

// Done wipes the bar. A line that says what happened takes its place.
func (p *Progress) Done() { p.bars.Done() }
