package localaws

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"

	"go.etcd.io/bbolt"
)

// checkStore reads every page that the database uses, and says what is wrong with the first damaged one. It reads the
// file, not the mapped memory: there a damaged reference would end the process, as it does in bbolt's own check.
func checkStore(db *bbolt.DB) error {
	file, err := os.Open(db.Path())
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	return db.View(func(tx *bbolt.Tx) error {
		if info.Size() < tx.Size() {
			return fmt.Errorf("it has %d bytes of %d", info.Size(), tx.Size())
		}
		size := int64(db.Info().PageSize)
		c := storeCheck{tx: tx, file: file, size: size, seen: make([]bool, tx.Size()/size), content: make([]byte, size)}
		for c.waiting = []uint64{uint64(tx.Cursor().Bucket().Root())}; len(c.waiting) > 0; {
			id := c.waiting[len(c.waiting)-1]
			c.waiting = c.waiting[:len(c.waiting)-1]
			if err := c.page(id); err != nil {
				return fmt.Errorf("page %d: %w", id, err)
			}
		}
		return nil
	})
}

type storeCheck struct {
	tx      *bbolt.Tx
	file    *os.File
	size    int64 // of a page, in bytes
	seen    []bool
	waiting []uint64 // pages that others refer to
	content []byte   // of the page that is checked
}

// A page is a header, then as many elements as the header counts, then their keys and values. A value that is a bucket
// begins with the number of its page, 0 for one that follows in the value itself
// (go.etcd.io/bbolt/internal/common: page.go, bucket.go).
const (
	pageHeader, pageElement, bucketHeader = 16, 16, 16
	branchPage, leafPage                  = 1, 2
)

var (
	integers     = binary.NativeEndian
	errNoRecords = errors.New("it holds no records")
)

// page checks one page, with those that it continues in.
func (c *storeCheck) page(id uint64) error {
	c.content = c.content[:c.size]
	if _, err := c.file.ReadAt(c.content, int64(id)*c.size); err != nil {
		return err
	}
	if integers.Uint64(c.content) != id {
		return errNoRecords
	}
	more := uint64(integers.Uint32(c.content[12:]))
	for one := id; one <= id+more; one++ {
		info, err := c.tx.Page(int(one))
		if err != nil || info == nil || info.Type == "free" || c.seen[one] {
			return errors.New("it is free, outside the file or used twice")
		}
		c.seen[one] = true
	}
	if more > 0 {
		c.content = slices.Grow(c.content, int(more)*int(c.size))[:int64(1+more)*c.size]
		if _, err := c.file.ReadAt(c.content[c.size:], int64(id+1)*c.size); err != nil {
			return err
		}
	}
	return c.records(c.content)
}

// records checks the records of a page, or of a bucket that is kept in a value.
func (c *storeCheck) records(page []byte) error {
	if len(page) < pageHeader {
		return errNoRecords
	}
	kind, count := integers.Uint16(page[8:]), int(integers.Uint16(page[10:]))
	known := kind == leafPage || kind == branchPage && count > 0
	if !known || pageHeader+count*pageElement > len(page) {
		return errNoRecords
	}
	var before []byte
	for i := range count {
		r, whole := recordOf(kind, page[pageHeader+i*pageElement:])
		if !whole || bytes.Compare(before, r.key) >= 0 {
			return errors.New("its records are cut or not in order")
		}
		before = r.key
		if r.page != 0 {
			c.waiting = append(c.waiting, r.page)
		} else if r.bucket {
			if err := c.records(r.value[bucketHeader:]); err != nil {
				return err
			}
		}
	}
	return nil
}

type record struct {
	key, value []byte
	bucket     bool
	page       uint64 // that the record refers to
}

// recordOf reads a record from its element on; false if the record does not fit in there.
func recordOf(kind uint16, from []byte) (r record, whole bool) {
	word := func(i int) uint64 { return uint64(integers.Uint32(from[4*i:])) }
	at, key, value := word(1), word(2), word(3)
	if kind == branchPage {
		at, key, value = word(0), word(1), 0
	}
	if key == 0 || at+key+value > uint64(len(from)) {
		return r, false
	}
	r.key, r.value = from[at:at+key], from[at+key:at+key+value]
	switch {
	case kind == branchPage:
		r.page = integers.Uint64(from[8:])
	case word(0)&1 != 0:
		r.bucket = true
		if len(r.value) < bucketHeader {
			return r, false
		}
		r.page = integers.Uint64(r.value)
	}
	return r, kind == leafPage || r.page != 0
}
