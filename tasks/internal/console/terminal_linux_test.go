package console

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"envoy-proxy-poc/tasks/e2e/terminaltest"
)

// terminal is a pseudo terminal and what a person would see on it.
type terminal struct {
	master, slave *os.File
	before        unix.Termios

	mu            sync.Mutex
	width, height int
	rows          [][]rune // all that was ever written; the last height of them are the screen
	x, y          int      // the cursor; y counts from the first row
	wrap          bool     // the cursor stands behind a full row
	strange       []string // escape sequences that are none of those below
}

// openTerminal makes a terminal of a size.
func openTerminal(t *testing.T, width, height int) *terminal {
	t.Helper()
	master, slave := terminaltest.Open(t)
	settings, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	tm := &terminal{master: master, slave: slave, before: *settings, rows: [][]rune{nil}}
	tm.resize(t, width, height)
	go tm.read()
	return tm
}

func (tm *terminal) resize(t *testing.T, width, height int) {
	t.Helper()
	tm.mu.Lock()
	tm.width, tm.height = width, height
	tm.mu.Unlock()
	size := &unix.Winsize{Col: uint16(width), Row: uint16(height)}
	if err := unix.IoctlSetWinsize(int(tm.master.Fd()), unix.TIOCSWINSZ, size); err != nil {
		t.Fatal(err)
	}
}

// escape is a sequence, or one that has not arrived whole.
var escape = regexp.MustCompile(`^\x1b(\[([0-9;?]*)([@-~])?)?`)

func (tm *terminal) read() {
	var pending string
	buffer := make([]byte, 4096)
	for {
		n, err := tm.master.Read(buffer)
		if err != nil {
			return
		}
		pending = tm.show(pending + string(buffer[:n]))
	}
}

// show interprets text and returns what it has to see more of first.
func (tm *terminal) show(text string) string {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	for text != "" {
		if parts := escape.FindStringSubmatch(text); parts != nil {
			if parts[3] == "" {
				return text
			}
			tm.control(parts[0], parts[2], parts[3])
			text = text[len(parts[0]):]
			continue
		}
		r := []rune(text)[0]
		if r == 0xfffd {
			return text
		}
		tm.put(r)
		text = text[len(string(r)):]
	}
	return ""
}

func (tm *terminal) control(whole, number, command string) {
	switch n, err := strconv.Atoi(number); {
	case command == "A" && err == nil:
		tm.y, tm.wrap = max(tm.y-n, len(tm.rows)-tm.height, 0), false // it stops at the top of the screen
	case command == "J" && number == "":
		tm.rows = append(tm.rows[:tm.y], tm.rows[tm.y][:min(tm.x, len(tm.rows[tm.y]))])
	case command == "m":
	default:
		tm.strange = append(tm.strange, whole)
	}
}

func (tm *terminal) put(r rune) {
	switch {
	case r == '\r':
		tm.x, tm.wrap = 0, false
		return
	case r == '\n' || tm.wrap:
		if tm.wrap && r != '\n' {
			tm.x = 0
		}
		if tm.y++; tm.y == len(tm.rows) {
			tm.rows = append(tm.rows, nil)
		}
		tm.wrap = false
		if r == '\n' {
			return
		}
	}
	row := tm.rows[tm.y]
	for len(row) <= tm.x {
		row = append(row, ' ')
	}
	row[tm.x] = r
	tm.rows[tm.y] = row
	if tm.x++; tm.x == tm.width {
		tm.x, tm.wrap = tm.x-1, true
	}
}

// text is all that can be seen, scrolling up, without trailing space.
func (tm *terminal) text() string {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	var lines []string
	for _, row := range tm.rows {
		lines = append(lines, strings.TrimRight(string(row), " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// until waits for the screen to be as wanted.
func (tm *terminal) until(t *testing.T, what string, wanted func(string) bool) string {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if text := tm.text(); wanted(text) {
			return text
		}
	}
	t.Fatalf("the terminal never had %s:\n%s", what, tm.text())
	return ""
}

// sane wants the terminal to be as it was: the cursor where a line begins, no mode changed.
func (tm *terminal) sane(t *testing.T) {
	t.Helper()
	settings, err := unix.IoctlGetTermios(int(tm.slave.Fd()), unix.TCGETS)
	if err != nil || *settings != tm.before {
		t.Errorf("the terminal's settings are %+v, %v, were %+v", settings, err, tm.before)
	}
	tm.mu.Lock()
	defer tm.mu.Unlock()
	if len(tm.strange) > 0 || tm.x != 0 {
		t.Errorf("the terminal got %q, and its cursor is in column %d", tm.strange, tm.x)
	}
}
