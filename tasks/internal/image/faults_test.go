package image

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

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
	{"5xx to a session's end", localaws.Fault{Kind: localaws.ServerError, Operation: "PUT uploads", Count: 3}, false},
	{"5xx for ever", localaws.Fault{Kind: localaws.ServerError, Operation: "PATCH uploads"}, true},
	{"expired in the middle", localaws.Fault{Kind: localaws.Expired, Operation: "PUT manifests", Count: 1}, false},
	{"expired for ever", localaws.Fault{Kind: localaws.Expired, After: 6}, true},
	{"denied once uploads begin", localaws.Fault{Kind: localaws.Denied, After: 6}, true},
	{"slow", localaws.Fault{Kind: localaws.Slow, Delay: 2 * time.Millisecond}, false},
	{"no answer", localaws.Fault{Kind: localaws.Cut, Every: 5}, false},
	{"no answer to a manifest", localaws.Fault{Kind: localaws.Cut, Operation: "PUT manifests", Count: 2}, false},
	{"cut in the body", localaws.Fault{Kind: localaws.CutRequest, Operation: "PATCH uploads", Count: 3}, false},
	{"cut in every body", localaws.Fault{Kind: localaws.CutRequest, Operation: "PATCH uploads"}, true},
	{"cut in a manifest", localaws.Fault{Kind: localaws.CutRequest, Operation: "PUT manifests", Count: 2}, false},
	{"cut in the answer", localaws.Fault{Kind: localaws.CutAnswer, Operation: "PUT manifests", Count: 2}, false},
	{
		"cut in the answer to a session's begin",
		localaws.Fault{Kind: localaws.CutAnswer, Operation: "POST uploads", Count: 2},
		false,
	},
	{
		"cut in the answer to content",
		localaws.Fault{Kind: localaws.CutAnswer, Operation: "PATCH uploads", Count: 2},
		false,
	},
	{
		"cut in the answer to a session's end",
		localaws.Fault{Kind: localaws.CutAnswer, Operation: "PUT uploads", Count: 2},
		false,
	},
	{"cut in every fifth answer", localaws.Fault{Kind: localaws.CutAnswer, Every: 5}, false},
}

// mutabilities are how each dialect's repositories are met: the stricter ones together.
var mutabilities = map[string]types.ImageTagMutability{
	"oci": types.ImageTagMutabilityMutable,
	"ecr": types.ImageTagMutabilityImmutable,
}

// TestPushMeetsEveryFault: a push ends in a whole image or in an error, and never leaves a tag that points at less.
func TestPushMeetsEveryFault(t *testing.T) {
	takesLong(t)
	met := map[localaws.Kind]bool{}
	for _, d := range disturbances {
		met[d.fault.Kind] = true
		for dialect, mutability := range mutabilities {
			t.Run(d.name+"/"+dialect, func(t *testing.T) {
				faults := &localaws.Faults{}
				w := newWorld(t, localaws.Options{Dialect: dialect, Faults: faults})
				w.let(t, mutability)
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

// TestPushInterruptedAnywhere cancels at random moments: no tag points at less than an image, and the next push goes
// on.
func TestPushInterruptedAnywhere(t *testing.T) {
	takesLong(t)
	for dialect, mutability := range mutabilities {
		t.Run(dialect, func(t *testing.T) {
			moments := rand.New(rand.NewPCG(1, 2))
			w := newWorld(t, localaws.Options{Dialect: dialect})
			w.let(t, mutability)
			d := w.dial(t, "team/app")
			var whole time.Duration // of a push without tags; the first one's is longer
			for _, content := range []string{"first", "second"} {
				results, err := Push(t.Context(), []Job{{To: d, Image: fake(t, content, amd64, arm64)}})
				if err != nil {
					t.Fatal(err)
				}
				whole = results[0].Took
			}
			interrupted, some := 0, 0
			for i := range 20 {
				b := fake(t, strings.Repeat(string(rune('a'+i)), 100_000), amd64, arm64)
				fixed := Tags{Fixed: []string{fmt.Sprint("v", i)}}
				if Movable(latest, string(mutability), nil) {
					fixed.Fixed = append(fixed.Fixed, latest)
				}
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Duration(moments.Int64N(2*int64(whole))),
					errors.New("interrupted"))
				results, err := Push(ctx, []Job{{To: d, Image: b, Tags: fixed}})
				cancel()
				if err != nil {
					interrupted++
					some += min(1, int(results[0].Bytes))
					wantError(t, err, "interrupted")
				}
				w.whole(t, "team/app")
				if results, err := Push(t.Context(), []Job{{To: d, Image: b, Tags: fixed}}); err != nil {
					t.Errorf("Push after an interrupt = %+v, %v", results, err)
				}
			}
			if n := w.whole(t, "team/app"); n < 20 {
				t.Errorf("%d tags, want one of each push", n)
			}
			t.Logf("%d of 20 pushes were interrupted before their end, %d of them with something sent", interrupted, some)
		})
	}
}
