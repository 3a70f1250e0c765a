//go:build !linux

package localaws

// dropPages does nothing where it is not known to help.
func (a *AWS) dropPages() {}
