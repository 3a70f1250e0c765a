package state_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/internal/statelock"
)

// lost is a store that keeps what it is sent, and of which the answer does not arrive.
type lost struct{ *s3.Client }

func (l lost) PutObject(ctx context.Context, in *s3.PutObjectInput, options ...func(*s3.Options)) (*s3.PutObjectOutput,
	error,
) {
	if _, err := l.Client.PutObject(ctx, in, options...); err != nil {
		return nil, err
	}
	return nil, errors.New("connection reset")
}

var own = statelock.Lock{
	ID: "1", Operation: "mage destroy", Who: "ada@laptop", Version: "1.11.4", Path: "demo/key",
	Created: time.Date(2026, 11, 28, 1, 2, 3, 0, time.UTC),
}

func TestAcquire(t *testing.T) {
	client, b, _ := locked(t, `{"ID":"2","Who":"bob@desk"}`)
	if _, err := state.Acquire(t.Context(), client, b, "key", own); !errors.Is(err, state.ErrTaken) {
		t.Errorf("err = %v where bob has the lock, want ErrTaken", err)
	}
	if err := state.Release(t.Context(), client, b, "key", "2"); err != nil {
		t.Fatal(err)
	}
	lock, err := state.Acquire(t.Context(), client, b, "key", own)
	if err != nil {
		t.Fatal(err)
	}
	out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &b.Name, Key: aws.String("key.tflock")})
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(out.Body)
	const want = `{"ID":"1","Operation":"mage destroy","Info":"","Who":"ada@laptop","Version":"1.11.4",` +
		`"Created":"2026-11-28T01:02:03Z","Path":"demo/key"}`
	if err != nil || string(text) != want || aws.ToString(out.ContentType) != "application/json" {
		t.Errorf("the lock is %q, %v of type %q, want %q", text, err, aws.ToString(out.ContentType), want)
	}
	if err := state.Holds(t.Context(), client, b, "key", lock); err != nil {
		t.Errorf("Holds = %v", err)
	}
}

func TestAcquireWithoutAnAnswer(t *testing.T) {
	client, b, _ := locked(t, `{"ID":"2"}`)
	if err := state.Release(t.Context(), client, b, "key", "2"); err != nil {
		t.Fatal(err)
	}
	lock, err := state.Acquire(t.Context(), state.ClientOf(lost{client}), b, "key", own)
	if err != nil || lock.ID != own.ID {
		t.Fatalf("Acquire = %v, %v, want the lock that is in the store", lock, err)
	}
	if err := state.Holds(t.Context(), client, b, "key", lock); err != nil {
		t.Errorf("Holds = %v", err)
	}
}

func TestHoldsNoMore(t *testing.T) {
	client, b, put := locked(t, `{"ID":"2"}`)
	if err := state.Release(t.Context(), client, b, "key", "2"); err != nil {
		t.Fatal(err)
	}
	lock, err := state.Acquire(t.Context(), client, b, "key", own)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`{"ID":"2","Who":"bob@desk","Operation":"x"}`: "the state is now locked by bob@desk",
		`{"ID":"1"}`: "the state is now locked (lock 1)", // another object with the same id
		"{":          "the state is now locked, and it is no lock of Terraform's (lock broken-",
	} {
		put(text)
		if err := state.Holds(t.Context(), client, b, "key", lock); !errors.Is(err, state.ErrLost) ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("Holds = %v where the lock is %s, want ErrLost and %q", err, text, want)
		}
	}
	put(`{"ID":"2"}`) // the table's last one may have the same id
	if err := state.Release(t.Context(), client, b, "key", "1"); err == nil {
		t.Error("a lock was released that is another one")
	}
	_, err = client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &b.Name, Key: aws.String("key.tflock")})
	if err != nil {
		t.Fatal(err)
	}
	if err := state.Holds(t.Context(), client, b, "key", lock); !errors.Is(err, state.ErrLost) ||
		!strings.Contains(err.Error(), "released") {
		t.Errorf("Holds = %v without a lock, want ErrLost", err)
	}
}
