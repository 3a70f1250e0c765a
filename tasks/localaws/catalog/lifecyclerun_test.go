package catalog

import (
	"errors"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

// TestWhatChangedIsLeft: between the decision about an image and the deed others go on.
func TestWhatChangedIsLeft(t *testing.T) {
	now := noon
	_, r := openForTest(t, &now)
	if _, err := r.CreateRepository(Repository{Name: "app"}); err != nil {
		t.Fatal(err)
	}
	config := upload(t, r, "app", "{}")
	push := func(tag string) *Image {
		t.Helper()
		manifest := `{"schemaVersion":2,"annotations":{"for":"` + tag + `"},"config":{"mediaType":"m","digest":"` + config + `","size":2},"layers":[]}`
		put, err := r.PutImage("app", Push{Manifest: []byte(manifest), MediaType: OCIManifest, Tag: tag})
		if err != nil {
			t.Fatal(err)
		}
		return &put.Image
	}
	var marks []Mark
	for _, tag := range []string{"same", "tagged", "pulled", "archived", "deleted"} {
		marks = append(marks, Mark{Image: push(tag), Priority: 1, Expire: true})
	}
	raw := `{"schemaVersion":2,"annotations":{"for":"tagged"},"config":{"mediaType":"m","digest":"` + config + `","size":2},"layers":[]}`
	if _, err := r.PutImage("app", Push{Manifest: []byte(raw), MediaType: OCIManifest, Tag: "again"}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.GetManifest("app", ImageID{Tag: "pulled"}, nil, true); err != nil {
		t.Fatal(err)
	}
	if _, err := r.SetStorageClass("app", ImageID{Tag: "archived"}, ArchiveClass); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.BatchDeleteImage("app", []ImageID{{Tag: "deleted"}}); err != nil {
		t.Fatal(err)
	}
	err := r.update("app", func(rp *repo) error {
		expired, archived, err := rp.do(marks, now)
		if expired != 1 || archived != 0 {
			t.Errorf("do expired %d and archived %d images, want 1 and 0", expired, archived)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	left, _, err := r.ListImages("app", Filter{Status: "ANY"}, Page{})
	if err != nil || len(left) != 4 { // "tagged" has two tags
		t.Errorf("left are %v, %v, want the images tagged, pulled and archived", left, err)
	}
}

func TestRepositoryQuota(t *testing.T) {
	now := time.Now()
	c, r := openForTest(t, &now)
	for _, name := range []string{"one", "two"} {
		if _, err := r.CreateRepository(Repository{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.DeleteRepository("two", false); err != nil {
		t.Fatal(err)
	}
	err := c.batch(func(tx *bbolt.Tx) error {
		b := r.bucket(tx, bucketRepositories)
		if got := b.Sequence(); got != 1 {
			t.Errorf("one repository counts as %d", got)
		}
		return b.SetSequence(maxRepositories)
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.CreateRepository(Repository{Name: "last"})
	if refused := (*Error)(nil); !errors.As(err, &refused) || refused.Code != "LimitExceededException" {
		t.Errorf("one repository too many: %v, want LimitExceededException", err)
	}
}
