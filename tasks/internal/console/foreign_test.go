package console

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"envoy-proxy-poc/tasks/internal/hint"
)

// evil is what somebody may write into a tag, a label, a lock, a finding, or an answer of a server.
const evil = "x\x1b[2J\u009b1m\u202e\r\nFORGED\n::set-output name=a::b\n  ::warning::c ##[add-path]d\nhint: rm -rf /"

// Text of others reaches a reader by every way that the console has, and is text there.
func TestTextOfOthers(t *testing.T) {
	served := fmt.Errorf("api error Denied: %s", evil)
	for name, write := range map[string]func(c *Console){
		"say":           func(c *Console) { c.Say("the lock is held by %s", evil) },
		"say an error":  func(c *Console) { c.Say("%s: %v", "app", served) },
		"warn":          func(c *Console) { c.Warn("%-10v|%v", []string{evil}, struct{ Who string }{evil}) },
		"answer":        func(c *Console) { c.Answer("%s", evil) },
		"table":         func(c *Console) { c.Table([]string{"TAG", "PLATFORM"}, [][]string{{"v1", evil}}) },
		"table in text": func(c *Console) { c.Say("%s", TableText([]string{"TAG"}, [][]string{{evil}})) },
		"columns": func(c *Console) {
			c.Columns([]Column{{Heading: "TAG"}}, [][]Cell{{{Text: evil}}, {{Text: "::warning::c"}}})
		},
		"line":  func(c *Console) { c.Line(Cell{Text: evil}, Cell{Text: evil}) },
		"lines": func(c *Console) { c.AnswerLines([]Cell{{Text: evil}, {Text: "::warning::c"}}) },
		"story": func(c *Console) { c.SayLines([]Cell{{Text: evil}}) },
		"a bar": func(c *Console) { b := c.Bars(); b.Set("k", evil, 1, 2) },
		"error": func(c *Console) {
			err := errors.Join(fmt.Errorf("deploying: %w", served), hint.Add(served, "mage deploy"))
			c.Say("%s", Lines("Error: "+ErrorLines(err)))
		},
	} {
		var out bytes.Buffer
		c := &Console{out: &out, err: &out}
		write(c)
		got := out.String()
		bad := regexp.MustCompile(`[\x00-\x09\x0b-\x1f\x7f-\x{9f}\x{202e}]|(?m)^FORGED|^\s*::|##\[|^hint: rm`)
		if found := bad.FindString(got); found != "" {
			t.Errorf("%s lets %q through:\n%q", name, found, got)
		}
		if name == "error" && !strings.HasSuffix(got, "\nhint: mage deploy\n") {
			t.Errorf("the error has lost its hint: %q", got)
		}
	}
}

// What a child says keeps its lines and nothing else.
func TestOutputOfAChild(t *testing.T) {
	var out bytes.Buffer
	c := &Console{err: &out}
	for _, said := range []string{"a\x1b[31mb\r\n\tc ::d", "e::f\n::error::g\n"} {
		fmt.Fprint(c.Story(), said)
	}
	if want := "a\\x1b[31mb\n\tc ::de::f\n:\\:error::g\n"; out.String() != want {
		t.Errorf("the child said %q, want %q", out.String(), want)
	}
}

// A list, and what an error wraps, are shown as they were laid out.
func TestErrorLines(t *testing.T) {
	list := hint.Add(fmt.Errorf("no result:%s", Indent([]string{"app", "client"})), "wait:\n  mage ecr:scan")
	for want, err := range map[string]error{
		"no result:\n  app\n  client\nhint: wait:\n  mage ecr:scan": fmt.Errorf("%w", list),
		"a\nb\nhint: c":           errors.Join(errors.New("a"), hint.Add(errors.New("b"), "c")),
		"go: exit 1: x\n  y.go:3": fmt.Errorf("go: exit 1: %s", "x\ny.go:3"),
	} {
		if got := ErrorLines(err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
