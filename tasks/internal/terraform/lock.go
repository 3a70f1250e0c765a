package terraform

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// poll is how often a lock that somebody else holds is tried again. Waiting inside the system call could not be cancelled.
const poll = 100 * time.Millisecond

// acquire takes the file lock at path, making the file and its folder, and waits for as long as ctx allows.
// While somebody else holds it, waiting is called once with the number of that process, "?" if it is not known.
// The system gives the lock back when a process dies, so the file may stay.
func acquire(ctx context.Context, path string, waiting func(pid string)) (release func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("locking %q: %w", path, err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking %q: %w", path, err)
	}
	for told := false; ; told = true {
		locked, err := tryLock(f)
		if err != nil {
			_ = f.Close()
			return nil, fmt.Errorf("locking %q: %w", path, err)
		}
		if locked {
			sign(f)
			return func() { unlock(f); _ = f.Close() }, nil
		}
		if !told {
			waiting(holder(path))
		}
		select {
		case <-ctx.Done():
			_ = f.Close()
			return nil, fmt.Errorf("waiting for process %s, which holds %q: %w", holder(path), path, context.Cause(ctx))
		case <-time.After(poll):
		}
	}
}

// sign writes who holds the lock, for those who wait. Without it they wait all the same.
func sign(f *os.File) {
	if f.Truncate(0) == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0)
	}
}

func holder(path string) string {
	pid, err := os.ReadFile(path)
	if err != nil || len(pid) == 0 {
		return "?"
	}
	return strings.TrimSpace(string(pid))
}
