package s3

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"go.etcd.io/bbolt"
)

// bodies lists the body files.
func (w *world) bodies() []string {
	w.Helper()
	entries, err := os.ReadDir(filepath.Join(w.dir, "s3", "bodies"))
	w.must(err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// inlined counts the bodies in the database.
func (w *world) inlined() (n int) {
	w.Helper()
	w.must(w.db.View(func(tx *bbolt.Tx) error {
		n = tx.Bucket(inlineBucket).Stats().KeyN
		return nil
	}))
	return n
}

func TestLeftoversAreCollected(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	w.put("state", "kept", big)
	kept := w.bodies()[0]
	for _, name := range []string{"tmp/HALFWRITTEN", "bodies/NEVERCOMMITTED"} { // kill -9 while receiving, and before the commit
		w.must(os.WriteFile(filepath.Join(w.dir, "s3", name), []byte(big[:100]), 0o600))
	}
	w.put("state", "deleted", big)
	for _, name := range w.bodies() { // kill -9 between a delete's commit and its unlink
		if name != kept && name != "NEVERCOMMITTED" {
			w.must(w.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(filesBucket).Delete([]byte(name)) }))
		}
	}
	w.restart()
	equal(t, "bodies", strings.Join(w.bodies(), " "), kept)
	unfinished, err := os.ReadDir(filepath.Join(w.dir, "s3", "tmp"))
	w.must(err)
	equal(t, "unfinished bodies", len(unfinished), 0)
	equal(t, "the acknowledged write", w.get("state", "kept"), big)
}

func TestNothingIsLeftBehind(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	for _, body := range []string{big, "small", big} { // overwriting lets go of the old body
		w.put("state", "k", body)
	}
	equal(t, "files", len(w.bodies()), 1)
	equal(t, "inlined", w.inlined(), 0)

	_, err := w.PutObject(ctx, &awss3.PutObjectInput{Bucket: state, Key: aws.String("k"), Body: strings.NewReader(big), ChecksumSHA256: aws.String("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")})
	w.refused(err, "BadDigest")
	_, err = w.PutObject(ctx, &awss3.PutObjectInput{Bucket: state, Key: aws.String("k"), Body: strings.NewReader(big), IfNoneMatch: aws.String("*")})
	w.refused(err, "PreconditionFailed")
	equal(t, "files", len(w.bodies()), 1)

	up, err := w.CreateMultipartUpload(ctx, &awss3.CreateMultipartUploadInput{Bucket: state, Key: aws.String("m")})
	w.must(err)
	for range 2 {
		_, err = w.UploadPart(ctx, &awss3.UploadPartInput{Bucket: state, Key: aws.String("m"), UploadId: up.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader(big)})
		w.must(err)
	}
	equal(t, "files", len(w.bodies()), 2)
	_, err = w.AbortMultipartUpload(ctx, &awss3.AbortMultipartUploadInput{Bucket: state, Key: aws.String("m"), UploadId: up.UploadId})
	w.must(err)
	_, err = w.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: state, Key: aws.String("k")})
	w.must(err)
	equal(t, "files", len(w.bodies()), 0)
	unfinished, err := os.ReadDir(filepath.Join(w.dir, "s3", "tmp"))
	w.must(err)
	equal(t, "unfinished bodies", len(unfinished), 0)
}

func TestFilesArePrivate(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	w.put("state", "../../k", big)
	root := filepath.Join(w.dir, "s3")
	w.must(filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	}))
	equal(t, "files", len(w.bodies()), 1)
}
