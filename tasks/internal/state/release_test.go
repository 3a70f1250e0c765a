package state_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"envoy-proxy-poc/tasks/internal/state"
)

// raced is a store in which somebody else acts just before a delete arrives, or one that has no conditional deletes.
type raced struct {
	*s3.Client
	before        func()
	unconditional bool
}

func (r raced) DeleteObject(ctx context.Context, in *s3.DeleteObjectInput,
	options ...func(*s3.Options),
) (*s3.DeleteObjectOutput, error) {
	if r.before != nil {
		r.before()
	}
	if r.unconditional && in.IfMatch != nil {
		return nil, &smithy.GenericAPIError{Code: "NotImplemented", Message: "no"}
	}
	return r.Client.DeleteObject(ctx, in, options...)
}

// locked is a store whose lock has this text, and how to write another.
func locked(t *testing.T, text string) (*s3.Client, state.Bucket, func(text string)) {
	t.Helper()
	client := serve(t)("eu-central-1")
	b := state.Bucket{Name: "demo", Region: "eu-central-1"}
	if _, err := state.Bootstrap(t.Context(), client, b); err != nil {
		t.Fatal(err)
	}
	put := func(text string) {
		t.Helper()
		if _, err := client.PutObject(t.Context(),
			&s3.PutObjectInput{Bucket: &b.Name, Key: aws.String("key.tflock"), Body: strings.NewReader(text)}); err != nil {
			t.Error(err)
		}
	}
	put(text)
	return client, b, put
}

func TestReleaseLeavesALockThatCameMeanwhile(t *testing.T) {
	for name, unconditional := range map[string]bool{"conditional deletes": false, "none": true} {
		t.Run(name, func(t *testing.T) {
			client, b, put := locked(t, `{"ID":"1","Who":"ada@laptop"}`)
			api := raced{client, func() { put(`{"ID":"2","Who":"bob@desk"}`) }, unconditional}
			if err := state.Release(t.Context(), state.ClientOf(api), b, "key",
				"1"); err == nil || !strings.Contains(err.Error(),
				"nothing was released") {
				t.Errorf("err = %v, want it refused", err)
			}
			if lock, err := state.Lock(t.Context(), client, b, "key"); err != nil || lock == nil || lock.ID != "2" {
				t.Errorf("Lock = %v, %v, want bob's still there", lock, err)
			}
			if err := state.Release(t.Context(), state.ClientOf(raced{client, nil, unconditional}), b, "key", "2"); err != nil {
				t.Error(err)
			}
			if lock, err := state.Lock(t.Context(), client, b, "key"); lock != nil || err != nil {
				t.Errorf("Lock = %v, %v, want it released", lock, err)
			}
		})
	}
}

func TestReleaseOfOneThatIsGone(t *testing.T) {
	client, b, _ := locked(t, `{"ID":"1"}`)
	gone := raced{client, func() {
		if _, err := client.DeleteObject(t.Context(),
			&s3.DeleteObjectInput{Bucket: &b.Name, Key: aws.String("key.tflock")}); err != nil {
			t.Error(err)
		}
	}, false}
	if err := state.Release(t.Context(), state.ClientOf(gone), b, "key", "1"); err == nil || !strings.Contains(err.Error(),
		"it is gone") {
		t.Errorf("err = %v, want that it is gone", err)
	}
}

func TestReleaseABrokenLockByItsMadeUpID(t *testing.T) {
	client, b, put := locked(t, "{")
	broken, err := state.Lock(t.Context(), client, b, "key")
	if err != nil || broken.Text != "{" || !strings.HasPrefix(broken.ID, "broken-") {
		t.Fatalf("Lock = %v, %v, want what it holds, and an id", broken, err)
	}
	put("[")
	if err := state.Release(t.Context(), client, b, "key", broken.ID); err == nil {
		t.Error("another broken lock was released by that id")
	}
	put("{")
	if err := state.Release(t.Context(), client, b, "key", broken.ID); err != nil {
		t.Error(err)
	}
}
