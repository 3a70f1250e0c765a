package console

import (
	"fmt"
	"time"
)

// Waiting shows until done that work goes on: as a last line with the seconds, or as a line every ten seconds.
func (c *Console) Waiting(label string) (done func()) {
	began, every, ended, gone := c.clock(), lineEach, make(chan struct{}), make(chan struct{})
	if c.terminal {
		every = time.Second
	}
	go func() {
		defer close(gone)
		f := &frame{c: c}
		defer f.remove()
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ended:
				return
			case <-ticker.C:
				c.elapsed(f, Safe(label), c.clock().Sub(began))
			}
		}
	}()
	return func() {
		close(ended)
		<-gone
	}
}

// Working is [Console.Waiting] for work that a log names when it begins.
func (c *Console) Working(label string) (done func()) {
	if !c.terminal {
		c.Say("%s", label)
	}
	return c.Waiting(label)
}

func (c *Console) elapsed(f *frame, label string, took time.Duration) {
	if took = took.Round(time.Second); !c.terminal {
		c.Say("%s: %s", label, took)
		return
	}
	width, _, _ := f.GetTermSize()
	fmt.Fprintln(f, Dim.on(shortened(fmt.Sprintf("%s  %s", label, took), width), c.color))
	_ = f.Flush(1)
}
