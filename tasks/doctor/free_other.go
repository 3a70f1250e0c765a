//go:build !(darwin || dragonfly || freebsd || linux)

package doctor

import "errors"

// freeBytes is not supported on the other systems.
func freeBytes(string) (int64, error) { return 0, errors.ErrUnsupported }
