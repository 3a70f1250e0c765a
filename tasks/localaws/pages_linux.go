package localaws

import (
	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"
)

// dropPages gives the pages of the database that are mapped into this process back to the kernel, whose cache they are and
// stay: to have them again costs microseconds. Otherwise whoever has listed a hundred thousand images leaves a process of
// that size, until somebody else needs the memory.
func (a *AWS) dropPages() {
	_ = a.db.View(func(tx *bbolt.Tx) error { // the mapping does not move during a transaction
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, a.db.Info().Data, uintptr(tx.Size()), unix.MADV_DONTNEED)
		return nil // it was only advice
	})
}
