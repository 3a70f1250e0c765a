package terraform

import (
	"errors"
	"os/exec"
	"syscall"
)

// dieWithUs has the kernel kill a provider when this process is killed. The terminal's Ctrl-C does not reach it.
func dieWithUs(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

const panicked = 11

// endLeftover ends the providers in the process group of a killed or panicked terraform: idle ones would run forever.
func endLeftover(err error) {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && (status.Signaled() || exit.ExitCode() == panicked) {
		_ = syscall.Kill(-exit.Pid(), syscall.SIGTERM) // providers ignore SIGINT
	}
}
