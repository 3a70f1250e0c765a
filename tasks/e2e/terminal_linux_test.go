package e2e_test

import (
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"envoy-proxy-poc/tasks/e2e/terminaltest"
)

// onTerminal runs a program on a terminal of its own. Each time the program has asked a question with a word in it, the next
// answer is typed. It returns what the terminal showed.
func onTerminal(t testing.TB, cmd *exec.Cmd, word string, answers ...string) (string, error) {
	t.Helper()
	master, slave := terminaltest.Open(t)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	slave.Close() // the last program that has it open ends the reading below
	var shown strings.Builder
	buffer, asked := make([]byte, 4096), 0
	for {
		n, err := master.Read(buffer)
		shown.Write(buffer[:n])
		if err != nil {
			break
		}
		if len(answers) > 0 && strings.Contains(shown.String()[asked:], word) {
			asked = shown.Len()
			if _, err := master.WriteString(answers[0] + "\n"); err != nil {
				t.Error(err)
			}
			answers = answers[1:]
		}
	}
	return shown.String(), cmd.Wait()
}

// TestSecondRunFitsAScreen counts the rows of the README's command when there is nothing to do, on a terminal of 80
// columns and 24 rows, with a row for the next prompt.
func TestSecondRunFitsAScreen(t *testing.T) {
	takesLong(t)
	t.Parallel()
	w := newWorld(t)
	w.env["LOCAL_AWS_PORT"] = "0"
	w.mage("local", "deploy", "push:all")
	shown, err := onTerminal(t, w.command(mage, "local", "deploy", "push:all", "ecr:status"), "")
	if err != nil {
		t.Fatalf("%v\n%s", err, shown)
	}
	shown = regexp.MustCompile(`[^\n]*\n\r\x1b\[1A\x1b\[J`).ReplaceAllString(shown, "") // what shows that work goes on
	shown = regexp.MustCompile(`\x1b\[[0-9;]*m|\r`).ReplaceAllString(shown, "")
	rows := 1
	for line := range strings.Lines(shown) {
		rows += 1 + max(utf8.RuneCountInString(line)-2, 0)/80
	}
	if rows > 24 {
		t.Errorf("the second run takes %d rows of 80 columns:\n%s", rows, shown)
	}
}

// TestPullSecretIsForAPipe wants no password on a screen.
func TestPullSecretIsForAPipe(t *testing.T) {
	t.Parallel()
	shown, err := onTerminal(t, newWorld(t).command(mage, "ecr:pullSecret"), "")
	if err == nil || strings.Contains(shown, "dockerconfigjson") || !strings.Contains(shown, "| kubectl apply -f -") {
		t.Errorf("on a terminal, ecr:pullSecret shows (%v)\n%s", err, shown)
	}
}
