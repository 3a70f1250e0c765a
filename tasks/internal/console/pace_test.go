package console

import (
	"bytes"
	"testing"
	"time"
)

func TestPace(t *testing.T) {
	start := time.Now()
	for name, c := range map[string]struct {
		unit              unit
		first, done, all  int64
		after             time.Duration
		of, rate, andLeft string
	}{
		"images": {"images", 0, 12_000, 100_000, 15 * time.Second, "12000 of 100000 images", "800/s", "1m50s left"},
		"slow":   {"images", 0, 3, 4, 2 * time.Second, "3 of 4 images", "1.5/s", "0s left"},
		"bytes": {
			inBytes, 0, 30_000_000, 120_000_000, 15 * time.Second, "30.0 MB of 120.0 MB", "2.0 MB/s",
			"45s left",
		},
		"gone on with": {
			inBytes, 20_000_000, 30_000_000, 120_000_000, 10 * time.Second, "30.0 MB of 120.0 MB", "1.0 MB/s",
			"1m30s left",
		},
		"too early":      {"images", 0, 500, 100_000, 999 * time.Millisecond, "500 of 100000 images", "", ""},
		"standing still": {"images", 0, 0, 100_000, time.Minute, "0 of 100000 images", "0.0/s", ""},
		"all done":       {"images", 0, 10, 10, 10 * time.Second, "10 of 10 images", "1.0/s", ""},
		"begun anew":     {inBytes, 50, 10, 100, 10 * time.Second, "10 B of 100 B", "", ""},
		"almost forever": {"images", 0, 1, 1 << 60, time.Hour, "1 of 1152921504606846976 images", "0.0/s", "99h0m0s left"},
	} {
		p, now := newPace("app", c.unit, c.first, start), start.Add(c.after)
		if of, rate, left := p.of(c.done, c.all, now), p.rate(c.done, c.all, now), p.left(c.done, c.all,
			now); of != c.of || rate != c.rate || left != c.andLeft {
			t.Errorf("%s: %q, %q, %q, want %q, %q, %q", name, of, rate, left, c.of, c.rate, c.andLeft)
		}
	}
}

// TestProgressInALog has no terminal: a line each ten seconds, and none for what is faster.
func TestProgressInALog(t *testing.T) {
	var out, story bytes.Buffer
	now := time.Now()
	c := &Console{out: &out, err: &story, now: func() time.Time { return now }}
	count, bars := c.Progress("team/app"), c.Bars()
	count.Count(0, 100_000, "images")
	bars.Set("a", "app 0123", 0, 100_000_000)
	for second := range 25 {
		now = now.Add(time.Second)
		count.Count(int64(second+1)*850, 100_000, "images")
		bars.Set("a", "app 0123", int64(second+1)*2_000_000, 100_000_000)
		bars.Set("b", "app 4567", 1, 1)
	}
	count.Done()
	bars.Done()
	want := "team/app: 8500 of 100000 images, 850/s\napp 0123: 20.0 MB of 100.0 MB, 2.0 MB/s\n" +
		"team/app: 17000 of 100000 images, 850/s\napp 0123: 40.0 MB of 100.0 MB, 2.0 MB/s\n"
	if story.String() != want || out.Len() > 0 {
		t.Errorf("the log is\n%swant\n%s", story.String(), want)
	}
}
