package e2e_test

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"envoy-proxy-poc/tasks/e2e/terminaltest"
)

// onTerminal is [onTerminalOf] 80 columns and 24 rows.
func onTerminal(t testing.TB, cmd *exec.Cmd, word string, answers ...string) (string, error) {
	t.Helper()
	return onTerminalOf(t, 80, 24, cmd, word, answers...)
}

// onTerminalOf runs a program on a terminal of its own. Each time the program has asked a question with a word in it, the next
// answer is typed. It returns what the terminal showed.
func onTerminalOf(t testing.TB, wide, high int, cmd *exec.Cmd, word string, answers ...string) (string, error) {
	t.Helper()
	master, slave := terminaltest.Open(t)
	size := &unix.Winsize{Col: uint16(wide), Row: uint16(high)}
	if err := unix.IoctlSetWinsize(int(master.Fd()), unix.TIOCSWINSZ, size); err != nil {
		t.Fatal(err)
	}
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

// TestPullSecretIsForAPipe wants no password on a screen.
func TestPullSecretIsForAPipe(t *testing.T) {
	takesLong(t)
	t.Parallel()
	shown, err := onTerminal(t, newWorld(t).command(mage, "ecr:pullSecret"), "")
	if err == nil || strings.Contains(shown, "dockerconfigjson") || !strings.Contains(shown, "| kubectl apply -f -") {
		t.Errorf("on a terminal, ecr:pullSecret shows (%v)\n%s", err, shown)
	}
}
