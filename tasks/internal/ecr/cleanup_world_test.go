package ecr_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"

	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/localaws"
)

// These are bad days: repositories of all kinds of manifests, a real SDK client, and a local AWS that lets it down.

func (r registry) decide(t *testing.T, filter ecr.Filter) ecr.Decision {
	t.Helper()
	decision, err := ecr.Decide(t.Context(), r.Client, "demo", ecr.CleanupOptions{Filter: filter})
	if err != nil {
		t.Fatal(err)
	}
	return decision
}

// holds is how many images there are, and fails when an index lacks a child that it came with.
func (r registry) holds(t *testing.T) int {
	t.Helper()
	inventory, err := ecr.TakeInventory(t.Context(), r.Client, "demo", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, member := range inventory.Members {
		for _, child := range member.Children {
			if memberOf(inventory, child.Digest) == nil {
				t.Errorf("the index %s %q stays and its child %s is gone", member.Digest, member.Tags, child.Digest)
			}
		}
	}
	return len(inventory.Members)
}

// empty removes the repository, as only an empty one can be.
func (r registry) empty(t *testing.T) {
	t.Helper()
	if _, err := r.DeleteRepository(t.Context(),
		&awsecr.DeleteRepositoryInput{RepositoryName: aws.String("demo")}); err != nil {
		t.Errorf("deleting the repository without force: %v", err)
	}
}

func TestCleanupOnBadDays(t *testing.T) {
	takesLong(t)
	for name, test := range map[string]struct {
		images int
		fault  localaws.Fault
	}{
		"throttled at 30 %": {2500, localaws.Fault{Service: "ecr", Kind: localaws.Throttle, Probability: 0.3}},
		"5xx at 30 %": {
			500,
			localaws.Fault{Service: "ecr", Kind: localaws.ServerError, Status: 503, Probability: 0.3},
		},
		"throttled for long": {
			500,
			localaws.Fault{Operation: "BatchDeleteImage", Kind: localaws.Throttle, After: 1, Count: 30},
		},
		"connections cut":      {500, localaws.Fault{Operation: "BatchDeleteImage", Kind: localaws.Cut, Every: 3}},
		"answers that get cut": {500, localaws.Fault{Operation: "BatchDeleteImage", Kind: localaws.CutAnswer, Every: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			faults := new(localaws.Faults)
			r := serveWith(t, localaws.Options{Faults: faults})
			r.crowd(t, test.images)
			test.fault.Seed = 7
			if err := faults.Set(test.fault); err != nil {
				t.Fatal(err)
			}
			decision := r.decide(t, ecr.Filter{})
			report, err := decision.Execute(t.Context(), r.Client, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(decision.Images) != test.images || report.Deleted != test.images || report.Vanished != 0 ||
				decision.Archived != test.images/20 {
				t.Errorf("%d found, %d archived, report %+v, want %d deleted", len(decision.Images), decision.Archived, report,
					test.images)
			}
			if faults.Hits()[0] == 0 {
				t.Error("nothing went wrong, so nothing was tested")
			}
			r.empty(t)
		})
	}
}

// Credentials that expire half way end the cleanup with the count of what is gone, and the next one goes on.
func TestCleanupWhoseTokenExpires(t *testing.T) {
	faults := new(localaws.Faults)
	r := serveWith(t, localaws.Options{Faults: faults})
	r.crowd(t, 1000)
	if err := faults.Set(localaws.Fault{Operation: "BatchDeleteImage", Kind: localaws.Expired, After: 4}); err != nil {
		t.Fatal(err)
	}
	report, err := r.decide(t, ecr.Filter{}).Execute(t.Context(), r.Client, nil)
	if fault, ok := errors.AsType[smithy.APIError](err); !ok || fault.ErrorCode() != "ExpiredTokenException" {
		t.Fatalf("err = %v, want that the token is expired", err)
	}
	if err := faults.Set(); err != nil {
		t.Fatal(err)
	}
	if there := r.holds(t); report.Deleted == 0 || report.Deleted+there != 1000 || report.Left != there {
		t.Errorf("report %+v with %d left", report, there)
	}
	if _, err := r.decide(t, ecr.Filter{}).Execute(t.Context(), r.Client, nil); err != nil {
		t.Error(err)
	}
	r.empty(t)
}

// A call that is throttled without end ends the cleanup, with the service's own word.
func TestCleanupThatIsThrottledForEver(t *testing.T) {
	faults := new(localaws.Faults)
	r := serveWith(t, localaws.Options{Faults: faults})
	r.crowd(t, 40)
	if err := faults.Set(localaws.Fault{Operation: "BatchDeleteImage", Kind: localaws.Throttle}); err != nil {
		t.Fatal(err)
	}
	report, err := r.decide(t, ecr.Filter{}).Execute(t.Context(), r.Client, nil)
	if fault, ok := errors.AsType[smithy.APIError](err); !ok || fault.ErrorCode() != "ThrottlingException" ||
		report.Left != 40 {
		t.Errorf("err = %v, report %+v, want a ThrottlingException and 40 left", err, report)
	}
}

func TestCleanupOfARepositoryThatVanishes(t *testing.T) {
	for _, filter := range []ecr.Filter{{}, {Untagged: true}} {
		r := serve(t)
		r.crowd(t, 600)
		once := false
		report, err := r.decide(t, filter).Execute(t.Context(), r.Client, func(done, total int) {
			if !once && done > 0 {
				once = true
				if _, err := r.DeleteRepository(t.Context(),
					&awsecr.DeleteRepositoryInput{RepositoryName: aws.String("demo"), Force: true}); err != nil {
					t.Error(err)
				}
			}
		})
		if err != nil || !report.Missing || report.Deleted == 0 {
			t.Errorf("err = %v, report %+v, want it gone meanwhile, after some were deleted", err, report)
		}
	}
}

// Who pushes for a while is told of, and what he pushed goes too; under a filter it stays.
func TestCleanupWhileImagesArePushed(t *testing.T) {
	for _, filter := range []ecr.Filter{{}, {Untagged: true}} {
		r := serve(t)
		r.crowd(t, 300)
		p := putter{r: r, config: r.config(t), number: 1000, end: 2000}
		pushes := 0
		decision := r.decide(t, filter)
		report, err := decision.Execute(t.Context(), r.Client, func(done, total int) {
			if pushes < 3 {
				pushes++
				p.index("late", p.image(""), p.image(""))
			}
		})
		if err != nil || p.err != nil {
			t.Fatal(err, p.err)
		}
		if filter.All() {
			if report.Pushed < 3 || report.Deleted < 303 {
				t.Errorf("report %+v, want that something was pushed, and deleted", report)
			}
			r.empty(t)
			continue
		}
		if there := r.holds(t); report.Deleted != len(decision.Images) || there != decision.Stay+3*pushes ||
			report.Stay != there {
			t.Errorf("report %+v of %d to go and %d to stay, and %d are there", report, len(decision.Images), decision.Stay,
				there)
		}
	}
}

// Wherever it is stopped, no index lacks a child, what is said to be deleted is, and the next cleanup goes on.
func TestCleanupInterruptedAtAnyMoment(t *testing.T) {
	takesLong(t)
	const images = 400
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			chance := rand.New(rand.NewPCG(seed, 0))
			faults := new(localaws.Faults)
			r := serveWith(t, localaws.Options{Faults: faults})
			r.crowd(t, images)
			if err := faults.Set(localaws.Fault{
				Operation: "BatchDeleteImage", Kind: localaws.Slow,
				Delay: 3 * time.Millisecond,
			}); err != nil {
				t.Fatal(err)
			}
			filter := []ecr.Filter{{}, {Untagged: true}, {Keep: 20}}[seed%3]
			decision := r.decide(t, filter)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			moment := chance.IntN(len(decision.Images))
			if seed < 2 { // by the clock, which can also be while it lists
				time.AfterFunc(time.Duration(chance.IntN(40))*time.Millisecond, cancel)
				moment = images
			}
			report, err := decision.Execute(ctx, r.Client, func(done, total int) {
				if done >= moment {
					cancel()
				}
			})
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			there := r.holds(t)
			if report.Deleted > images-there || err != nil && report.Left != len(decision.Images)-report.Deleted {
				t.Errorf("report %+v of %d, and %d are there", report, len(decision.Images), there)
			}
			t.Logf("stopped at %d of %d: %v", report.Deleted, len(decision.Images), err)
			if _, err := r.decide(t, filter).Execute(t.Context(), r.Client, nil); err != nil {
				t.Error(err)
			}
			if there := r.holds(t); there != decision.Stay {
				t.Errorf("%d are there in the end, want %d", there, decision.Stay)
			}
		})
	}
}

// With filters nothing goes that what stays needs, whichever it is.
func TestCleanupWithFiltersBreaksNothing(t *testing.T) {
	for _, filter := range []ecr.Filter{
		{Untagged: true},
		{Keep: 5},
		{Keep: 1, Untagged: true},
		{OlderThan: -time.Hour, Keep: 12},
		{Keep: 5, Protect: []string{"*1"}},
	} {
		r := serve(t)
		r.crowd(t, 200)
		decision := r.decide(t, filter)
		report, err := decision.Execute(t.Context(), r.Client, nil)
		if err != nil {
			t.Fatal(err)
		}
		there := r.holds(t)
		if len(decision.Images) == 0 || report.Deleted != len(decision.Images) || report.Stay != there ||
			there != decision.Stay || len(report.Kept) > 0 {
			t.Errorf("%+v: report %+v of %d to go and %d to stay, and %d are there", filter, report, len(decision.Images),
				decision.Stay, there)
		}
		if again := r.decide(t, filter); len(again.Images) > 0 {
			t.Errorf("%+v: a second time it would delete %d more", filter, len(again.Images))
		}
	}
	r := serve(t)
	r.crowd(t, 20)
	if decision := r.decide(t,
		ecr.Filter{OlderThan: time.Hour}); len(decision.Images) > 0 || decision.Stay != 20 {
		t.Errorf("of an hour ago it takes %d", len(decision.Images))
	}
}

// An index that is archived cannot be read; ECR itself keeps what it lists.
func TestCleanupKeepsWhatAnUnreadIndexNeeds(t *testing.T) {
	r := serve(t)
	p := putter{r: r, config: r.config(t), end: 100}
	a, b, lone := p.image(""), p.image(""), p.image("")
	index := p.index("v", a, b)
	p.archive(index)
	if p.err != nil {
		t.Fatal(p.err)
	}
	report, err := r.decide(t, ecr.Filter{Untagged: true}).Execute(t.Context(), r.Client, nil)
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for _, image := range report.Kept {
		kept = append(kept, image.Digest)
	}
	want := []string{a.Digest.String(), b.Digest.String()}
	slices.Sort(kept)
	slices.Sort(want)
	if !slices.Equal(kept, want) || report.Deleted != 1 || report.Stay != 3 {
		t.Errorf("report %+v, want %s deleted and %q kept", report, lone.Digest, want)
	}
}

// Between the decision and the word that was asked for, somebody tags an image and somebody else puts one into an
// index.
func TestCleanupSparesWhatChangedSinceTheDecision(t *testing.T) {
	r := serve(t)
	p := putter{r: r, config: r.config(t), end: 100}
	tagged, listed, lone := p.image(""), p.image(""), p.image("")
	decision := r.decide(t, ecr.Filter{Untagged: true})
	p.index("v", listed)
	manifest, err := r.BatchGetImage(t.Context(), &awsecr.BatchGetImageInput{
		RepositoryName: aws.String(
			"demo"), ImageIds: []types.ImageIdentifier{{ImageDigest: aws.String(tagged.Digest.String())}},
	})
	if err != nil || p.err != nil {
		t.Fatal(err, p.err)
	}
	if _, err := r.PutImage(t.Context(), &awsecr.PutImageInput{
		RepositoryName: aws.String("demo"), ImageManifest: manifest.Images[0].ImageManifest, ImageTag: aws.String("now"),
	}); err != nil {
		t.Fatal(err)
	}
	report, err := decision.Execute(t.Context(), r.Client, nil)
	if err != nil || len(decision.Images) != 3 || report.Deleted != 1 || r.holds(t) != 3 {
		t.Errorf("err = %v, report %+v of %d, want %s deleted alone", err, report, len(decision.Images), lone.Digest)
	}
}

// clock answers with the date that ECR's clock would show.
type clock struct {
	http.RoundTripper
	ahead time.Duration
}

func (c clock) Do(request *http.Request) (*http.Response, error) {
	answer, err := c.RoundTrip(request)
	if err == nil {
		answer.Header.Set("Date", time.Now().Add(c.ahead).UTC().Format(http.TimeFormat))
	}
	return answer, err
}

// The age of an image is known by ECR's clock, whatever this machine's shows.
func TestCleanupFollowsTheClockOfECR(t *testing.T) {
	r := serve(t)
	r.crowd(t, 4)
	for ahead, want := range map[time.Duration]int{0: 0, 48 * time.Hour: 4, -48 * time.Hour: 0} {
		client := awsecr.New(r.Options(), func(o *awsecr.Options) { o.HTTPClient = clock{http.DefaultTransport, ahead} })
		decision, err := ecr.Decide(t.Context(), client, "demo",
			ecr.CleanupOptions{Filter: ecr.Filter{OlderThan: 24 * time.Hour}})
		if err != nil || len(decision.Images) != want {
			t.Errorf("%s ahead: err = %v, %d go, want %d", ahead, err, len(decision.Images), want)
		}
	}
}

// What goes is named and counted as ecr:status does, with a filter and without.
func TestCleanupNamesWhatGoes(t *testing.T) {
	r := serve(t)
	p := putter{r: r, config: r.config(t), end: 100}
	p.index("old", p.image(""), p.image(""))
	p.index("latest", p.image(""))
	if p.err != nil {
		t.Fatal(p.err)
	}
	for name, test := range map[string]struct {
		filter          ecr.Filter
		tops, manifests int
	}{
		"everything":         {ecr.Filter{}, 2, 5},
		"all but the latest": {ecr.Filter{Tag: "*", Protect: []string{"latest*"}}, 1, 3},
	} {
		decision := r.decide(t, test.filter)
		if decision.Tops != test.tops || len(decision.Images) != test.manifests || len(decision.Rows) != test.tops ||
			!strings.HasPrefix(strings.Join(decision.Rows[test.tops-1].Tags, " "), "old") {
			t.Errorf("%s: %d rows of %d, %d manifests: %+v", name, len(decision.Rows), decision.Tops, len(decision.Images),
				decision.Rows)
		}
	}
}
