package console

import (
	"io"
	"sync"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// Bars are several bars at once, on a terminal; elsewhere they are nothing. Lines of the story appear above them.
type Bars struct {
	c        *Console
	mu       sync.Mutex
	progress *mpb.Progress // nil where there is no terminal
	bars     map[string]*mpb.Bar
	before   io.Writer // the story's place, while bars are drawn there
}

// Bars starts none yet: each appears when it is first set.
func (c *Console) Bars() *Bars {
	b := &Bars{c: c, bars: map[string]*mpb.Bar{}}
	if !c.terminal {
		return b
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	b.before = c.err
	b.progress = mpb.New(mpb.WithOutput(c.err), mpb.WithWidth(64), mpb.WithAutoRefresh())
	c.err = b.progress
	return b
}

// Set draws done of total bytes behind a label. The key tells bars apart.
func (b *Bars) Set(key, label string, done, total int64) {
	if b.progress == nil || total <= 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	bar, ok := b.bars[key]
	if !ok {
		bar = b.progress.AddBar(total, mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.Name(label, decor.WCSyncSpaceR)),
			mpb.AppendDecorators(decor.CountersKiloByte("% .1f of % .1f", decor.WCSyncSpace)))
		b.bars[key] = bar
	}
	bar.SetCurrent(done)
}

// Done wipes the bars and gives the terminal back to the story.
func (b *Bars) Done() {
	if b.progress == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, bar := range b.bars {
		bar.Abort(true)
	}
	b.progress.Wait()
	b.c.mu.Lock()
	defer b.c.mu.Unlock()
	b.c.err = b.before
}
