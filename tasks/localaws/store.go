package localaws

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"envoy-proxy-poc/tasks/localaws/durable"
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
	db, err := openDatabase(path)
	if errors.Is(err, bbolterrors.ErrTimeout) {
		return nil, fmt.Errorf("opening %q: %w", path, ErrInUse)
	}
	if err != nil {
		return nil, fmt.Errorf("opening %q: %w", path, err)
	}
	db.MaxBatchDelay = time.Millisecond
	if err := errors.Join(durable.SyncFolder(filepath.Dir(dir)), durable.SyncFolder(dir)); err != nil { // they may be new
		return nil, errors.Join(fmt.Errorf("syncing %q: %w", dir, err), db.Close())
	}
	return db, nil
}

// ErrDamaged says that the database cannot be used: its file was cut or overwritten. All that is left is to start anew.
var ErrDamaged = errors.New("the local AWS's database is damaged")

// openDatabase opens a database that is whole. Damage that bbolt itself meets ends in a panic, which leaves the file locked
// until this process ends, or in an error that is not the system's.
func openDatabase(path string) (db *bbolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // the file may be shorter than bbolt takes it for
	defer func() {
		if wrong := recover(); wrong != nil {
			db, err = nil, fmt.Errorf("%w (%v)", ErrDamaged, wrong)
		}
	}()
	db, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 100 * time.Millisecond, FreelistType: bbolt.FreelistMapType})
	system := errors.As(err, new(*fs.PathError)) || errors.As(err, new(*os.SyscallError)) || errors.As(err, new(syscall.Errno))
	switch {
	case errors.Is(err, bbolterrors.ErrTimeout), system:
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w (%w)", ErrDamaged, err)
	}
	if err := checkStore(db); err != nil {
		return nil, errors.Join(fmt.Errorf("%w (%w)", ErrDamaged, err), db.Close())
	}
	return db, nil
}
