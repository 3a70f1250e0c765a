package console

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// on is a console whose streams are all one terminal, as a shell opens them: stdout is not stderr's file.
func on(t *testing.T, tm *terminal) *Console {
	t.Helper()
	stdout, err := os.OpenFile(tm.slave.Name(), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stdout.Close() })
	return New(tm.slave, stdout, tm.slave, true)
}

// has wants all the words.
func has(words ...string) func(string) bool {
	return func(text string) bool {
		for _, word := range words {
			if !strings.Contains(text, word) {
				return false
			}
		}
		return true
	}
}

func TestBarsOnATerminal(t *testing.T) {
	tm := openTerminal(t, 80, 24)
	c := on(t, tm)
	c.Say("first")
	before := runtime.NumGoroutine()
	bars := c.Bars()
	bars.Set("a", "app 0123456789ab", 25_000_000, 100_000_000)
	bars.Set("b", "client ba98", 1_000, 2_000)
	bars.Set("c", "nothing known", 0, 0)
	tm.until(t, "two bars", has("app 0123456789ab [==", "25.0 MB of 100.0 MB", "client ba98      [==", "1.0 kB of 2.0 kB"))

	c.Say("said")
	c.Answer("answered")
	c.Warn("warned")
	c.Table([]string{"NAME"}, [][]string{{"row"}})
	if err := c.JSON([]int{}); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(c.Story(), "a line\nhalf ")
	want := "first\nsaid\nanswered\nwarning: warned\nNAME\nrow\n[]\na line\n"
	text := tm.until(t, "the lines at once", has(want))
	if rest := strings.Split(strings.TrimPrefix(text, want), "\n"); len(rest) != 2 || !strings.HasPrefix(rest[0],
		"app 0123456789ab [") {
		t.Errorf("below the lines are %q, want the two bars", rest)
	}
	fmt.Fprint(c.Story(), "a line, ended\nand a quarter")

	bars.Set("a", "app 0123456789ab", 100_000_000, 100_000_000)
	tm.until(t, "one bar", func(text string) bool {
		return !strings.Contains(text, "app 0123") && strings.Contains(text, "client ba98 [")
	})
	bars.Done()
	tm.until(t, "the begun line again", func(text string) bool { return strings.HasSuffix(text, "ended\nand a quarter") })
	bars.Done()
	bars.Set("d", "too late", 1, 2)
	fmt.Fprintln(c.Story(), " line")
	c.Say("last")
	want += "half a line, ended\nand a quarter line\nlast"
	if text := tm.until(t, "the last line", has("last")); text != want {
		t.Errorf("the terminal shows\n%s\nwant\n%s", text, want)
	}
	tm.sane(t)
	for end := time.Now().Add(time.Minute); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines are left of %d", runtime.NumGoroutine(), before)
		}
	}
}

// TestCountOnATerminal is a cleanup of 100,000 images, whose number becomes known page by page.
func TestCountOnATerminal(t *testing.T) {
	tm := openTerminal(t, 100, 24)
	c := on(t, tm)
	start := time.Now()
	var mu sync.Mutex
	passed := time.Duration(0)
	c.now = func() time.Time { mu.Lock(); defer mu.Unlock(); return start.Add(passed) }
	bar := c.Progress("team/app")
	bar.Count(0, 1_000, "images")
	bar.Count(1_000, 1_000, "images")
	mu.Lock()
	passed = 20 * time.Second
	mu.Unlock()
	bar.Count(12_000, 100_000, "images")
	tm.until(t, "the bar", has("team/app [====", "] 12000 of 100000 images 600/s 2m26s left"))
	bar.Done()
	c.Say("team/app: proved empty")
	if text := tm.until(t, "the end", has("proved")); text != "team/app: proved empty" {
		t.Errorf("the terminal shows %q", text)
	}
	tm.sane(t)
}

// TestBarsFit has more bars than rows, and a terminal that becomes smaller.
func TestBarsFit(t *testing.T) {
	tm := openTerminal(t, 80, 10)
	c := on(t, tm)
	c.Say("first")
	bars := c.Bars()
	for i := range 30 {
		bars.Set(fmt.Sprint(i), fmt.Sprintf("layer %02d", i), 1, 2)
	}
	tm.until(t, "as many as fit", func(text string) bool { return strings.Count(text, "layer") == 9 })
	for i := range 28 {
		bars.Set(fmt.Sprint(i), "", 2, 2)
	}
	tm.until(t, "two bars", func(text string) bool { return strings.Count(text, "layer") == 2 })
	tm.resize(t, 30, 10)
	bars.Set("28", "", 3, 4)
	tm.until(t, "narrow bars", func(text string) bool {
		rows := strings.Split(text, "\n")
		return len(rows[len(rows)-1]) < 30 && strings.Contains(text, "layer 29")
	})
	bars.Done()
	c.Say("last")
	text := tm.until(t, "the end", has("last"))
	if !strings.HasPrefix(text, "first\n") || !strings.HasSuffix(text, "\nlast") && text != "first\nlast" {
		t.Errorf("the terminal shows\n%s", text)
	}
	tm.sane(t)
}

// TestEverythingAtOnce says, streams and counts from several goroutines: each line is there once and whole.
func TestEverythingAtOnce(t *testing.T) {
	tm := openTerminal(t, 60, 8)
	c := on(t, tm)
	bars := c.Bars()
	more := c.Progress("more")
	var group sync.WaitGroup
	for g := range 4 {
		group.Go(func() {
			for i := range 100 {
				bars.Set(fmt.Sprint(g, i%3), fmt.Sprint("layer ", g), int64(i), 100)
				more.Count(int64(i), 1000, "images")
				switch i % 3 {
				case 0:
					c.Say("line %d.%02d.", g, i)
				case 1:
					c.Answer("line %d.%02d.", g, i)
				default:
					fmt.Fprintf(c.Story(), "line %d.%02d.\n", g, i)
				}
				time.Sleep(time.Millisecond)
			}
		})
	}
	group.Wait()
	bars.Done()
	more.Done()
	c.Say("last")
	text := tm.until(t, "the end", has("last"))
	if n := strings.Count(text, "\n"); n != 400 {
		t.Errorf("the terminal shows %d lines above the last, want 400:\n%s", n, text)
	}
	for g := range 4 {
		for i := range 100 {
			if line := fmt.Sprintf("line %d.%02d.", g, i); strings.Count("\n"+text, "\n"+line+"\n") != 1 {
				t.Errorf("%q is not there once", line)
			}
		}
	}
	tm.sane(t)
}

// TestStoryBeforeBars: a line that has not ended is not overwritten.
func TestStoryBeforeBars(t *testing.T) {
	tm := openTerminal(t, 80, 24)
	c := on(t, tm)
	_, _ = io.WriteString(c.Story(), "loading ...")
	bars := c.Bars()
	bars.Set("a", "app", 1, 2)
	tm.until(t, "the bar below", has("loading ...\napp ["))
	bars.Done()
	c.Say("last")
	if text := tm.until(t, "the end", has("last")); text != "loading ...\nlast" {
		t.Errorf("the terminal shows %q", text)
	}
}
