package image

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"envoy-proxy-poc/tasks/localaws"
)

// disturbances is every kind of fault that the local AWS knows, as it meets a push, and what is to become of it.
var disturbances = []struct {
	name  string
	fault localaws.Fault
	fails bool // the push cannot get past it
}{
	{"throttled at 30 %", localaws.Fault{Kind: localaws.Throttle, Probability: 0.3, Seed: 1}, false},
	{"throttled for ever", localaws.Fault{Kind: localaws.Throttle, Operation: "PUT manifests"}, true},
	{"5xx now and then", localaws.Fault{Kind: localaws.ServerError, Probability: 0.2, Seed: 2, Status: 503}, false},
	{"5xx for ever", localaws.Fault{Kind: localaws.ServerError, Operation: "PATCH uploads"}, true},
	{"expired in the middle", localaws.Fault{Kind: localaws.Expired, Operation: "PUT manifests", Count: 1}, false},
	{"expired for ever", localaws.Fault{Kind: localaws.Expired, After: 6}, true},
	{"slow", localaws.Fault{Kind: localaws.Slow, Delay: 2 * time.Millisecond}, false},
	{"no answer", localaws.Fault{Kind: localaws.Cut, Every: 5}, false},
	{"no answer to a manifest", localaws.Fault{Kind: localaws.Cut, Operation: "PUT manifests", Count: 2}, false},
	{"cut in the body", localaws.Fault{Kind: localaws.CutRequest, Operation: "PATCH uploads", Count: 3}, false},
	{"cut in every body", localaws.Fault{Kind: localaws.CutRequest, Operation: "PATCH uploads"}, true},
	{"cut in the answer", localaws.Fault{Kind: localaws.CutAnswer, Operation: "PUT manifests", Count: 2}, false},
}

// TestPushMeetsEveryFault: a push ends in a whole image or in an error, and never leaves a tag that points at less.
func TestPushMeetsEveryFault(t *testing.T) {
	met := map[localaws.Kind]bool{}
	for _, d := range disturbances {
		met[d.fault.Kind] = true
		for _, dialect := range []string{"oci", "ecr"} {
			t.Run(d.name+"/"+dialect, func(t *testing.T) {
				faults := &localaws.Faults{}
				w := newWorld(t, localaws.Options{Dialect: dialect, Faults: faults})
				app, client := w.dial(t, "team/app"), w.dial(t, "team/client")
				d.fault.Service = "registry"
				if err := faults.Set(d.fault); err != nil {
					t.Fatal(err)
				}
				b := fake(t, strings.Repeat("program", 30_000), amd64, arm64)
				results, err := Push(t.Context(), []Job{{To: app, Image: b, Tags: tags}, {To: client, Image: b, Tags: tags}})
				if err := faults.Set(); err != nil {
					t.Fatal(err)
				}
				if (err != nil) != d.fails {
					t.Errorf("Push = %v, want a failure: %t", err, d.fails)
				}
				for i, repository := range []string{"team/app", "team/client"} {
					if n := w.whole(t, repository); results[i].Err == nil && n != 3 {
						t.Errorf("%s has %d tags, want 3", repository, n)
					}
				}
				// What is there is no hindrance: the next push completes it.
				results, err = Push(t.Context(), []Job{{To: app, Image: b, Tags: Tags{Fixed: []string{"c0ffee", "latest"}}}})
				if err != nil || results[0].Digest != b.Digest {
					t.Errorf("the next Push = %+v, %v", results, err)
				}
				w.whole(t, "team/app")
			})
		}
	}
	for _, kind := range localaws.Kinds() {
		if !met[kind] {
			t.Errorf("no push meets the fault %q", kind)
		}
	}
}

// TestPushInterruptedAnywhere cancels at random moments: no tag points at less than an image, and the next push goes on.
func TestPushInterruptedAnywhere(t *testing.T) {
	moments := rand.New(rand.NewPCG(1, 2))
	w := newWorld(t, localaws.Options{})
	interrupted := 0
	for i := range 20 {
		b := fake(t, strings.Repeat(string(rune('a'+i)), 100_000), amd64, arm64)
		d := w.dial(t, "team/app")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Duration(moments.IntN(50_000))*time.Microsecond, errors.New("interrupted"))
		results, err := Push(ctx, []Job{{To: d, Image: b, Tags: Tags{Fixed: []string{"c0ffee", "latest"}}}})
		cancel()
		if err != nil {
			interrupted++
			wantError(t, err, "interrupted")
		}
		w.whole(t, "team/app")
		if _, err := Push(t.Context(), []Job{{To: d, Image: b, Tags: Tags{Fixed: []string{"latest"}}}}); err != nil {
			t.Errorf("Push after %+v: %v", results, err)
		}
	}
	t.Logf("%d of 20 pushes were interrupted before their end", interrupted)
}
