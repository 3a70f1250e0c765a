package console

import (
	"fmt"
	"time"
)

const (
	lineEach = 10 * time.Second // how often progress is a line where there is no terminal
	settling = time.Second      // how long a rate says nothing
)

// unit is the name of the things that are counted, in the plural; empty for bytes.
type unit string

const inBytes unit = ""

// pace is how fast a piece of work advances. Of its fields only said changes.
type pace struct {
	label string
	unit  unit
	first int64     // how much was done when it began
	began time.Time // when it was first set
	said  time.Time // when the last line was due; began before the first line
}

func newPace(label string, u unit, done int64, now time.Time) pace {
	return pace{label: label, unit: u, first: done, began: now, said: now}
}

// line is a line for the log, empty while none is due.
func (p *pace) line(done, total int64, now time.Time) string {
	if now.Sub(p.said) < lineEach {
		return ""
	}
	p.said = now
	return fmt.Sprintf("%s: %s, %s", p.label, p.of(done, total, now), p.rate(done, total, now))
}

func (p *pace) of(done, total int64, _ time.Time) string {
	if p.unit == inBytes {
		return Bytes(done) + " of " + Bytes(total)
	}
	return fmt.Sprintf("%d of %d %s", done, total, p.unit)
}

func (p *pace) rate(done, _ int64, now time.Time) string {
	switch rate := p.perSecond(done, now); {
	case rate < 0:
		return ""
	case p.unit == inBytes:
		return Bytes(int64(rate)) + "/s"
	case rate < 10:
		return fmt.Sprintf("%.1f/s", rate)
	default:
		return fmt.Sprintf("%.0f/s", rate)
	}
}

// left is how long the rest takes at this rate.
func (p *pace) left(done, total int64, now time.Time) string {
	rate := p.perSecond(done, now)
	if rate <= 0 || done >= total {
		return ""
	}
	seconds := min(float64(total-done)/rate, 99*time.Hour.Seconds())
	return (time.Duration(seconds) * time.Second).String() + " left"
}

// perSecond is the average since the beginning; negative if that was too short a time ago, or if the work began anew.
func (p *pace) perSecond(done int64, now time.Time) float64 {
	took := now.Sub(p.began)
	if took < settling {
		return -1
	}
	return float64(done-p.first) / took.Seconds()
}
