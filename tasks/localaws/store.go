package localaws

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// openStore opens the one file that holds all metadata. Its lock is what keeps a second process out.
//
// A change is acknowledged when it is in this file and the file is synced; the bytes of layers and objects are synced before
// that, files and folders. So what was acknowledged outlives the process, killed at any moment, and the machine too, as far
// as its disk keeps what it was told to.
func openStore(dir string) (*bbolt.DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the local AWS's folder: %w", err)
	}
	path := filepath.Join(dir, "aws.db")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 100 * time.Millisecond, FreelistType: bbolt.FreelistMapType})
	if errors.Is(err, bbolterrors.ErrTimeout) {
		return nil, fmt.Errorf("opening %q: %w", path, ErrInUse)
	}
	if err != nil {
		return nil, fmt.Errorf("opening %q: %w", path, err)
	}
	db.MaxBatchDelay = time.Millisecond
	if err := errors.Join(syncFolder(filepath.Dir(dir)), syncFolder(dir)); err != nil { // they may be new
		return nil, errors.Join(fmt.Errorf("syncing %q: %w", dir, err), db.Close())
	}
	return db, nil
}

// syncFolder makes what was made in a folder last.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	_ = folder.Sync() // not every file system can; then it lasts as long as the kernel does
	return folder.Close()
}
