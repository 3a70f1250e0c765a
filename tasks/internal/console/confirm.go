package console

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"envoy-proxy-poc/tasks/internal/hint"
)

// ErrDeclined is the answer no.
var ErrDeclined = errors.New("declined")

// Confirm asks the user to type word, and returns [ErrDeclined] for anything else, or the cause if ctx ends first.
// Where nobody can answer (a pipe, a CI job) the error names flag, which says yes beforehand.
func (c *Console) Confirm(ctx context.Context, question, word, flag string) error {
	if !c.answers {
		return hint.Add(fmt.Errorf("%s: nobody is there to answer", question), "say yes beforehand with %s", flag)
	}
	answer, err := c.ReadLine(ctx, fmt.Sprintf("%s Type %q to go on:", Bold.on(SafeLines(question), c.color), word))
	if err == nil && answer != word {
		return ErrDeclined
	}
	return err
}

// ReadLine asks for a line of text, or returns the cause if ctx ends first.
func (c *Console) ReadLine(ctx context.Context, question string) (string, error) {
	c.mu.Lock()
	fmt.Fprintf(c.err, "%s ", question)
	c.mu.Unlock()
	got := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(c.in).ReadString('\n')
		got <- strings.TrimSpace(line)
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(c.err)
		return "", fmt.Errorf("waiting for an answer: %w", context.Cause(ctx))
	case answer := <-got:
		return answer, nil
	}
}
