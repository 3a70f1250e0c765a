package files

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

const (
	poll = 100 * time.Millisecond // how often a lock that another process holds is tried again

	// Where the holder's number is in the file, and its length. Others cannot read byte 0 on Windows: it is locked.
	pidAt, pidIn = 1, 20
)

// Lock takes the file lock at path, makes the file and its folder, and waits for as long as ctx allows. If another
// process or goroutine holds the lock, waiting is called once, with the number of that process, or "?" if it is not
// known. waiting may be nil. The system releases the lock when a process dies; the file is left there.
func Lock(ctx context.Context, path string, waiting func(pid string)) (release func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("locking %q: %w", path, err)
	}
	lock := flock.New(path)
	locked, err := lock.TryLock()
	if !locked && err == nil {
		if waiting != nil {
			waiting(holder(path))
		}
		locked, err = lock.TryLockContext(ctx, poll)
	}
	switch {
	case locked:
		sign(path)
		return func() { _ = lock.Unlock() }, nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("waiting for process %s, which holds %q: %w", holder(path), path, context.Cause(ctx))
	}
	return nil, fmt.Errorf("locking %q: %w", path, err)
}

// sign writes who holds the lock, for the processes that wait. If it fails, they do not know whom they wait for.
func sign(path string) {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return
	}
	defer file.Close()
	_, _ = file.WriteAt(fmt.Appendf(nil, "%-*d", pidIn, os.Getpid()), pidAt)
}

// holder is the process that signed the lock last.
func holder(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return "?"
	}
	defer file.Close()
	text, _ := io.ReadAll(io.NewSectionReader(file, pidAt, pidIn))
	pid := strings.TrimSpace(string(text))
	if _, err := strconv.Atoi(pid); err != nil {
		return "?"
	}
	return pid
}
