package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"
)

var (
	keyInfo         = []byte("info")
	bucketImages    = []byte("images")
	bucketManifests = []byte("manifests")
	bucketTags      = []byte("tags")
	bucketLayers    = []byte("layers")
	bucketPins      = []byte("pins")
	bucketUses      = []byte("uses")
	bucketReferrers = []byte("referrers")
)

var repoBuckets = [][]byte{
	bucketImages, bucketManifests, bucketTags, bucketLayers, bucketPins, bucketUses, bucketReferrers,
}

// repo is a repository within a transaction.
type repo struct {
	*Registry
	tx   *bbolt.Tx
	b    *bbolt.Bucket
	info Repository
	gone bool // set by a deletion: there is no record to write back
}

func (r *Registry) view(name string, fn func(*repo) error) error {
	if err := CheckRepositoryName(name); err != nil {
		return err
	}
	return r.c.db.View(func(tx *bbolt.Tx) error {
		rp, err := r.enter(tx, name)
		if err != nil {
			return err
		}
		return fn(rp)
	})
}

// update is view for a change. The repository's record is written back when fn returns nil.
func (r *Registry) update(name string, fn func(*repo) error) error {
	if err := CheckRepositoryName(name); err != nil {
		return err
	}
	return r.c.batch(func(tx *bbolt.Tx) error {
		rp, err := r.enter(tx, name)
		if err != nil {
			return err
		}
		before := bytes.Clone(rp.b.Get(keyInfo))
		if err := fn(rp); err != nil || rp.gone {
			return err
		}
		after, err := json.Marshal(rp.info)
		if err != nil || bytes.Equal(before, after) {
			return err
		}
		return rp.b.Put(keyInfo, after)
	})
}

func (r *Registry) enter(tx *bbolt.Tx, name string) (*repo, error) {
	repositories := r.bucket(tx, bucketRepositories)
	if repositories == nil {
		return nil, r.repositoryNotFound(name)
	}
	b := repositories.Bucket([]byte(name))
	if b == nil {
		return nil, r.repositoryNotFound(name)
	}
	rp := &repo{Registry: r, tx: tx, b: b}
	if err := get(b, keyInfo, &rp.info); err != nil {
		return nil, fmt.Errorf("reading repository %q: %w", name, err)
	}
	return rp, nil
}

func (rp *repo) in(name []byte) *bbolt.Bucket { return rp.b.Bucket(name) }

// get reads a JSON record. A missing one leaves v as it is.
func get(b *bbolt.Bucket, key []byte, v any) error {
	raw := b.Get(key)
	if raw == nil {
		return nil
	}
	return json.Unmarshal(raw, v)
}

func put(b *bbolt.Bucket, key []byte, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return b.Put(key, raw)
}

// pair is the key of a relation; \0 is in no digest, name or tag, so relations of a sort together.
func pair(a, b string) []byte { return []byte(a + "\x00" + b) }

// related returns the second halves of the pairs that begin with a, at most limit of them.
func related(b *bbolt.Bucket, a string, limit int) []string {
	var out []string
	prefix := pair(a, "")
	cursor := b.Cursor()
	for k, _ := cursor.Seek(prefix); bytes.HasPrefix(k, prefix) && len(out) < limit; k, _ = cursor.Next() {
		out = append(out, string(k[len(prefix):]))
	}
	return out
}
