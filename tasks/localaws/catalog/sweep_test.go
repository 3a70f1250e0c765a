package catalog

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

func openForTest(t *testing.T, now *time.Time) (*Catalog, *Registry) {
	t.Helper()
	dir := t.TempDir()
	db, err := bbolt.Open(filepath.Join(dir, "aws.db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Open(Options{DB: db, Dir: dir, Account: "000000000000", Now: func() time.Time { return *now }, Log: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	c.Close() // ends the sweeper only: the test sweeps by itself
	t.Cleanup(func() {
		c.Close() // writes what the test left in memory
		db.Close()
	})
	r, err := c.Registry("eu-west-1")
	if err != nil {
		t.Fatal(err)
	}
	return c, r
}

func upload(t *testing.T, r *Registry, repository, text string) string {
	t.Helper()
	begun, err := r.StartUpload(repository)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Append(repository, begun.ID, 0, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	layer, err := r.FinishUpload(repository, begun.ID, Digest([]byte(text)))
	if err != nil {
		t.Fatal(err)
	}
	return layer.Digest
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestSweep(t *testing.T) {
	now := time.Now()
	c, r := openForTest(t, &now)
	for _, name := range []string{"one", "two"} {
		if _, err := r.CreateRepository(Repository{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	config, loose := upload(t, r, "one", "{}"), upload(t, r, "one", "loose")
	upload(t, r, "two", "{}")
	orphan := Digest([]byte("orphan"))
	if err := os.MkdirAll(filepath.Dir(c.blobFile(orphan)), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.blobFile(orphan), []byte("orphan"), 0o600); err != nil {
		t.Fatal(err)
	}
	begun, err := r.StartUpload("one")
	if err != nil {
		t.Fatal(err)
	}
	manifest := `{"schemaVersion":2,"config":{"mediaType":"m","digest":"` + config + `","size":2},"layers":[]}`
	put, err := r.PutImage("one", Push{Manifest: []byte(manifest), MediaType: OCIManifest})
	if err != nil {
		t.Fatal(err)
	}
	check := func(when string, wantConfig, wantLoose, wantUpload bool) {
		t.Helper()
		c.Sweep(t.Context())
		if exists(c.blobFile(orphan)) {
			t.Errorf("%s: a file that nobody holds is there", when)
		}
		if got := exists(c.blobFile(config)); got != wantConfig {
			t.Errorf("%s: the config is there: %v, want %v", when, got, wantConfig)
		}
		if got := exists(c.blobFile(loose)); got != wantLoose {
			t.Errorf("%s: the unused layer is there: %v, want %v", when, got, wantLoose)
		}
		if got := exists(c.uploadFile(begun.ID)); got != wantUpload {
			t.Errorf("%s: the upload is there: %v, want %v", when, got, wantUpload)
		}
	}
	check("at once", true, true, true)
	now = now.Add(25 * time.Hour)
	check("a day later", true, false, false)
	if _, _, err := r.BatchDeleteImage("one", []ImageID{{Digest: put.Image.Digest}}); err != nil {
		t.Fatal(err)
	}
	check("after the image went", true, false, false)
	now = now.Add(25 * time.Hour)
	check("a day after", false, false, false)
}

func TestDeletingARepositoryFreesItsFiles(t *testing.T) {
	now := time.Now()
	c, r := openForTest(t, &now)
	for _, name := range []string{"one", "two"} {
		if _, err := r.CreateRepository(Repository{Name: name}); err != nil {
			t.Fatal(err)
		}
		upload(t, r, name, "shared")
	}
	digest := Digest([]byte("shared"))
	for _, step := range []struct {
		name string
		left bool
	}{{"one", true}, {"two", false}} {
		if _, err := r.DeleteRepository(step.name, false); err != nil {
			t.Fatal(err)
		}
		if got := exists(c.blobFile(digest)); got != step.left {
			t.Errorf("after %q went the layer is there: %v, want %v", step.name, got, step.left)
		}
	}
}
