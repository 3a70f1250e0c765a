//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package terraform

import (
	"os"
	"sync"
)

// held keeps the goroutines of this process apart, by path. Systems without flock get no more: two processes are not.
var held sync.Map

func tryLock(f *os.File) (bool, error) {
	_, taken := held.LoadOrStore(f.Name(), true)
	return !taken, nil
}

func unlock(f *os.File) { held.Delete(f.Name()) }
