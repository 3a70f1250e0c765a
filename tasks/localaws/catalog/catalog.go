package catalog

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"envoy-proxy-poc/tasks/localaws/durable"
)

var (
	bucketMeta       = []byte("ecr.meta")
	bucketBlobs      = []byte("ecr.blobs")
	bucketRegistries = []byte("ecr.registries")
	keySecret        = []byte("secret")
)

// Options says where a catalog is kept.
type Options struct {
	DB      *bbolt.DB                        // Required. Stays open after Close: whoever opened it closes it.
	Dir     string                           // Required. Holds blobs/ and uploads/; made when missing.
	Account string                           // Required. Twelve digits.
	Now     func() time.Time                 // Defaults to time.Now.
	Log     func(format string, args ...any) // Defaults to silence. Told what the background work did to images, and what it could not do.

	Findings Findings // What scans find. Not changed after Open.
}

// Catalog is the ECR of one account, in every region.
type Catalog struct {
	db      *bbolt.DB
	dir     string
	account string
	now     func() time.Time
	log     func(string, ...any)
	secret  []byte

	findings Findings

	// files is held shared while a layer's file is put in place and entered, and exclusively while files that
	// nobody holds are removed: so no file disappears between the two halves of the first.
	files sync.RWMutex

	lifecycles sync.Mutex     // held while a lifecycle policy is carried out
	previews   sync.WaitGroup // of lifecycle policies, that are being worked on
	run        string         // tells this catalog's work from that of an earlier process
	pulls      pulls

	sessionsMu sync.Mutex
	sessions   map[string]*session

	stop  context.CancelFunc
	swept chan struct{}
}

// Open prepares the store and starts collecting, in the background, what an earlier process left behind.
func Open(o Options) (*Catalog, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = func(string, ...any) {}
	}
	c := &Catalog{
		db: o.DB, dir: o.Dir, account: o.Account, now: o.Now, log: o.Log,
		findings: o.Findings, run: NewUUID(), sessions: map[string]*session{}, swept: make(chan struct{}),
	}
	if err := o.Findings.check(); err != nil {
		return nil, err
	}
	for _, dir := range []string{"blobs/sha256", "uploads"} {
		if err := os.MkdirAll(filepath.Join(o.Dir, dir), 0o700); err != nil {
			return nil, fmt.Errorf("making the store's folders: %w", err)
		}
	}
	if err := errors.Join(durable.SyncFolder(o.Dir), durable.SyncFolder(filepath.Join(o.Dir, "blobs"))); err != nil { // they may be new
		return nil, fmt.Errorf("syncing the store's folders: %w", err)
	}
	if err := c.prepare(); err != nil {
		return nil, fmt.Errorf("preparing the catalog: %w", err)
	}
	if err := c.tidyUploads(); err != nil {
		return nil, fmt.Errorf("removing broken uploads: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	c.stop = stop
	go func() {
		defer close(c.swept)
		for ctx.Err() == nil {
			c.sweepSafely(ctx)
			select {
			case <-ctx.Done():
			case <-time.After(time.Hour):
			}
		}
	}()
	return c, nil
}

// prepare makes the buckets and the secret. A prepared store is only read: Open of one does not write.
func (c *Catalog) prepare() error {
	err := c.db.View(func(tx *bbolt.Tx) error {
		if meta := tx.Bucket(bucketMeta); meta != nil {
			c.secret = append([]byte(nil), meta.Get(keySecret)...)
		}
		return nil
	})
	if err != nil || len(c.secret) > 0 {
		return err
	}
	return c.db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{bucketMeta, bucketBlobs, bucketRegistries} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		c.secret = make([]byte, 32)
		rand.Read(c.secret)
		return tx.Bucket(bucketMeta).Put(keySecret, c.secret)
	})
}

// Close waits until the background work is over. No call may be running or come after it.
func (c *Catalog) Close() {
	c.stop()
	<-c.swept
	c.previews.Wait()
	c.writePulls()
}

// batch runs fn in a write transaction that it may share with other callers, so that concurrent pushes share
// one fsync. fn may run more than once: it sets its results, it never adds to them.
func (c *Catalog) batch(fn func(*bbolt.Tx) error) error { return c.db.Batch(fn) }
