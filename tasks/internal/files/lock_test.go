package files

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

func TestGoroutinesExcludeEachOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "lock")
	var inside, most int
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			release, err := Lock(t.Context(), path, nil)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			inside++
			most = max(most, inside)
			mu.Unlock()
			time.Sleep(time.Millisecond) // time for another to come in
			mu.Lock()
			inside--
			mu.Unlock()
			release()
		})
	}
	all.Wait()
	if most != 1 {
		t.Errorf("%d held the lock at once", most)
	}
}

func TestAWaitIsToldOnceAndCanBeCancelled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	release, err := Lock(t.Context(), path, func(string) { t.Error("nobody holds the lock, and it was waited for") })
	if err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	var told []string
	_, err = Lock(ctx, path, func(pid string) {
		told = append(told, pid)
		time.AfterFunc(3*poll, func() { cancel(stop) })
	})
	if own := strconv.Itoa(os.Getpid()); len(told) != 1 || told[0] != own {
		t.Errorf("told of %q, want once of %s", told, own)
	}
	if !errors.Is(err, stop) {
		t.Errorf("Lock = %v, want the reason of the cancelled context", err)
	}
	release()
	if release, err = Lock(t.Context(), path, nil); err != nil {
		t.Fatal(err)
	}
	release()
}
