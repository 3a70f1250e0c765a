package terraform

import (
	"errors"
	"os/exec"
	"syscall"
)

// dieWithUs is for a provider: the kernel kills it when this process is killed, and the terminal's Ctrl-C does not reach
// it, in a process group of its own.
func dieWithUs(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// panicked is the exit code of a terraform that panicked.
const panicked = 11

// endLeftover ends the providers that a killed or panicked terraform leaves behind. A provider that was idle at that
// moment would run forever. terraform-exec starts terraform in a process group of its own, which holds nothing but its
// children.
func endLeftover(err error) {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && (status.Signaled() || exit.ExitCode() == panicked) {
		_ = syscall.Kill(-exit.Pid(), syscall.SIGTERM) // providers ignore SIGINT
	}
}
