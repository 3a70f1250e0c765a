package state

import (
	"errors"
	"strings"
	"testing"
	"time"

	"envoy-proxy-poc/tasks/internal/awserr"
)

// lockText is a lock as Terraform 1.11 writes it.
const lockText = `{"ID":"0d0a","Operation":"OperationTypeApply","Info":"","Who":"ada@laptop","Version":"1.11.4",` +
	`"Created":"2026-11-23T00:31:05.123456789Z","Path":"demo/04/terraform.tfstate"}`

func TestRead(t *testing.T) {
	b := &bucket{exists: true, objects: map[string]string{"key": "text", "empty": ""}}
	for key, want := range map[string]string{"key": "text", "empty": ""} {
		if got, err := Read(t.Context(), ClientOf(b), demo, key); got == nil || string(got) != want || err != nil {
			t.Errorf("Read(%q) = %q, %v, want %q", key, got, err, want)
		}
	}
	if got, err := Read(t.Context(), ClientOf(b), demo, "absent"); got != nil || err != nil {
		t.Errorf("Read of an absent key = %q, %v, want neither", got, err)
	}
	if _, err := Read(t.Context(), ClientOf(&bucket{}), demo, "key"); !errors.Is(err, awserr.ErrNoBucket) {
		t.Errorf("err = %v without a bucket, want awserr.ErrNoBucket", err)
	}
}

func TestLock(t *testing.T) {
	b := &bucket{
		exists:  true,
		objects: map[string]string{"held.tflock": lockText, "broken.tflock": "{", "empty.tflock": ""},
	}
	lock, err := Lock(t.Context(), ClientOf(b), demo, "held")
	if err != nil || lock == nil {
		t.Fatalf("Lock = %v, %v, want the holder", lock, err)
	}
	want := "locked by ada@laptop since 2026-11-23T00:31:05Z (OperationTypeApply, Terraform 1.11.4, lock 0d0a)"
	if got := lock.String(); got != want || lock.Path != "demo/04/terraform.tfstate" {
		t.Errorf("got %s, want %s", got, want)
	}
	if lock, err := Lock(t.Context(), ClientOf(b), demo, "free"); lock != nil || err != nil {
		t.Errorf("Lock = %v, %v where nobody holds it, want neither", lock, err)
	}
	for key, holds := range map[string]string{"broken": "{", "empty": ""} {
		if lock, err := Lock(t.Context(), ClientOf(b), demo, key); err != nil || !lock.Broken || lock.Text != holds {
			t.Errorf("Lock = %v, %v for a %s lock, want a broken one", lock, err, key)
		}
	}
}

// A lock may be anything that anybody wrote there.
func TestOddLocks(t *testing.T) {
	huge := strings.Repeat("x", 1<<20)
	b := &bucket{
		exists: true,
		objects: map[string]string{
			"undated.tflock": `{"ID":"1","Operation":"apply","Who":"ada"}`, "huge.tflock": huge,
			"huge": huge,
		},
	}
	lock, err := Lock(t.Context(), ClientOf(b), demo, "undated")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := lock.At(time.Now()), "locked by ada (apply, Terraform , lock 1)"; got != want {
		t.Errorf("without a date: %s, want %s", got, want)
	}
	lock, err = Lock(t.Context(), ClientOf(b), demo, "huge")
	if err != nil || !lock.Broken || len(lock.Text) != shownLimit || !strings.Contains(lock.String(), lock.ID) ||
		len(lock.String()) > 500 {
		t.Errorf("of 1 MiB: %v, %v, want a broken lock with its id, shortened", lock, err)
	}
	if text, _, err := read(t.Context(), ClientOf(b), demo, "huge", 10); len(text) != 11 || err != nil {
		t.Errorf("read of at most 10 bytes = %d bytes, %v, want one more, by which it is known", len(text), err)
	}
}
