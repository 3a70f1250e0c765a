package console

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestBytes(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 5_700_000: "5.7 MB",
		2_000_000_000_000: "2.0 TB",
	} {
		if got := Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestAnswerAndStoryNeverMix(t *testing.T) {
	var out, story bytes.Buffer
	c := &Console{out: &out, err: &story}
	c.Answer("a")
	c.Say("b")
	c.Warn("c")
	c.Progress("p").Set(1, 2)
	c.Table([]string{"NAME", "SIZE"}, [][]string{{"app", "1"}})
	if err := c.JSON(map[string]string{"url": "a&b"}); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "a\nNAME  SIZE\napp   1\n{\n  \"url\": \"a&b\"\n}\n"; got != want {
		t.Errorf("stdout = %q, want %q", got, want)
	}
	if got, want := story.String(), "b\nwarning: c\n"; got != want {
		t.Errorf("stderr = %q, want %q: no colour and no bar without a terminal", got, want)
	}
}

func TestConfirm(t *testing.T) {
	ask := func(answer string, answers bool) error {
		c := &Console{in: strings.NewReader(answer), out: &bytes.Buffer{}, err: &bytes.Buffer{}, answers: answers}
		return c.Confirm(context.Background(), "Delete 3 images?", "delete", "-yes")
	}
	if err := ask("delete\n", true); err != nil {
		t.Errorf("the word was typed: %v", err)
	}
	if err := ask("y\n", true); !errors.Is(err, ErrDeclined) {
		t.Errorf("another word: %v, want ErrDeclined", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	silence, _ := io.Pipe()
	c := &Console{in: silence, out: &bytes.Buffer{}, err: &bytes.Buffer{}, answers: true}
	if err := c.Confirm(ctx, "Delete 3 images?", "delete", "-yes"); !errors.Is(err, context.Canceled) || errors.Is(err,
		ErrDeclined) {
		t.Errorf("interrupted: %v, want context.Canceled, which is no answer", err)
	}
	if err := ask("delete\n", false); err == nil || !strings.Contains(err.Error(), "-yes") {
		t.Errorf("nobody to ask: %v, want an error that names -yes", err)
	}
}
