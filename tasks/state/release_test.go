package state_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"envoy-proxy-poc/tasks/state"
)

// racing is a client whose lock somebody takes over just before a delete, or whose store knows no conditional delete.
type racing struct {
	*s3.Client
	before  func()
	refuses bool
	deletes int
}

func (r *racing) DeleteObject(ctx context.Context, in *s3.DeleteObjectInput, o ...func(*s3.Options)) (*s3.DeleteObjectOutput, error) {
	r.deletes++
	if r.before != nil {
		r.before()
	}
	if r.refuses && in.IfMatch != nil {
		return nil, &smithy.GenericAPIError{Code: "NotImplemented"}
	}
	return r.Client.DeleteObject(ctx, in, o...)
}

func TestRelease(t *testing.T) {
	client := serve(t)("eu-central-1")
	b := state.Bucket{Name: "demo", Region: "eu-central-1"}
	if _, err := state.Bootstrap(t.Context(), client, b); err != nil {
		t.Fatal(err)
	}
	hold := func(text string) {
		put := &s3.PutObjectInput{Bucket: &b.Name, Key: aws.String("key.tflock"), Body: strings.NewReader(text)}
		if _, err := client.PutObject(t.Context(), put); err != nil {
			t.Fatal(err)
		}
	}
	newer := func() { hold(`{"ID":"2","Who":"bob@desk"}`) }
	for name, c := range map[string]struct {
		text           string
		between        func() // the look and the release
		client         racing
		changed, stays bool
		deletes        int
	}{
		"as it was":                {client: racing{}, deletes: 1},
		"not JSON":                 {text: "{", deletes: 1},
		"a store without If-Match": {client: racing{refuses: true}, deletes: 2},
		"taken over before":        {between: newer, changed: true, stays: true},
		"taken over as it goes":    {client: racing{before: newer}, changed: true, stays: true, deletes: 1},
		"released before": {between: func() {
			_, _ = client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &b.Name, Key: aws.String("key.tflock")})
		}, changed: true},
	} {
		t.Run(name, func(t *testing.T) {
			if c.text == "" {
				c.text = `{"ID":"1","Who":"ada@laptop"}`
			}
			hold(c.text)
			lock, err := state.Lock(t.Context(), client, b, "key")
			if err != nil || lock == nil {
				t.Fatalf("Lock = %v, %v", lock, err)
			}
			if c.between != nil {
				c.between()
			}
			c.client.Client = client
			err = state.Release(t.Context(), &c.client, b, "key", lock)
			if errors.Is(err, state.ErrLockChanged) != c.changed || (err == nil) == c.changed || c.client.deletes != c.deletes {
				t.Errorf("Release = %v after %d deletes, want changed %t after %d", err, c.client.deletes, c.changed, c.deletes)
			}
			if left, err := state.Lock(t.Context(), client, b, "key"); err != nil || (left != nil) != c.stays {
				t.Errorf("Lock = %v, %v afterwards, want one: %t", left, err, c.stays)
			}
		})
	}
}
