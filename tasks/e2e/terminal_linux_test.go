package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// onTerminal runs a program on a terminal of its own. Each time the program has asked a question with a word in it, the next
// answer is typed. It returns what the terminal showed.
func onTerminal(t testing.TB, cmd *exec.Cmd, word string, answers ...string) (string, error) {
	t.Helper()
	master, slave := openTerminal(t)
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

// openTerminal makes a terminal: what a person has, and what a program has.
func openTerminal(t testing.TB) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("there is no pseudo terminal here: %v", err)
	}
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return master, slave
}
