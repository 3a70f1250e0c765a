package e2e_test

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"

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
