package console

// Progress shows how far one piece of work is, as [Bars] do for several. Its bar is kept until Done, as its total may
// grow.
type Progress struct {
	bars  *Bars
	label string
}

// Progress returns a bar that appears when it is first set.
func (c *Console) Progress(label string) *Progress { return &Progress{bars: c.Bars(), label: label} }

// Set says that done of total bytes are done.
func (p *Progress) Set(done, total int64) { p.set(inBytes, done, total) }

// Count says that done of total things, such as images, are done.
func (p *Progress) Count(done, total int64, things string) { p.set(unit(things), done, total) }

// Done wipes the bar. A line that says what happened takes its place.
func (p *Progress) Done() { p.bars.Done() }

func (p *Progress) set(u unit, done, total int64) {
	p.bars.mu.Lock()
	defer p.bars.mu.Unlock()
	p.bars.set(p.label, p.label, u, done, total)
}
