//go:build !linux

package terraform

import "os/exec"

// dieWithUs does nothing here. A provider ignores the terminal's Ctrl-C.
func dieWithUs(*exec.Cmd) {}

// endLeftover does nothing here: terraform shares this process's group.
func endLeftover(error) {}
