package ecr_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/localaws"
)

const day = 24 * time.Hour

func rule(priority int, selection string) string {
	return fmt.Sprintf(`{"rulePriority":%d,"description":"rule %[1]d","selection":{%s},"action":{"type":"expire"}}`,
		priority, selection)
}

func pushedBefore(selection string, days int) string {
	return fmt.Sprintf(`%s,"countType":"sinceImagePushed","countUnit":"days","countNumber":%d`, selection, days)
}

func (r registry) policy(t *testing.T, rules ...string) {
	t.Helper()
	if _, err := r.PutLifecyclePolicy(t.Context(), &awsecr.PutLifecyclePolicyInput{
		RepositoryName: aws.String("demo"), LifecyclePolicyText: aws.String(`{"rules":[` + strings.Join(rules, ",") + `]}`),
	}); err != nil {
		t.Fatal(err)
	}
}

// pass lets time go by, and logs in again.
func (r *registry) pass(t *testing.T, clock *localaws.Clock, d time.Duration) {
	t.Helper()
	clock.Advance(d)
	var err error
	if r.credential, err = ecr.Token(t.Context(), r.Client); err != nil {
		t.Fatal(err)
	}
}

// foresee lists what goes: tag or - and why it should not.
func (r registry) foresee(t *testing.T, inUse ...string) (ecr.Retention, []string) {
	t.Helper()
	got, err := ecr.Foresee(t.Context(), r.Client, "demo", ecr.RetentionOptions{Wait: time.Minute, InUse: inUse})
	if err != nil {
		t.Fatal(err)
	}
	var goes []string
	for _, image := range got.Images {
		note := strings.Join(image.Tags, "+")
		if image.Newest {
			note += " newest"
		}
		if image.InUse != "" {
			note += " in use"
		}
		goes = append(goes, note)
	}
	return got, goes
}

func TestForeseeRules(t *testing.T) {
	clock := new(localaws.Clock)
	r := serveWith(t, localaws.Options{Now: clock.Now})
	if got, goes := r.foresee(t); !got.Exists || got.Policy || goes != nil {
		t.Errorf("without a policy: %+v", got)
	}
	if got, err := ecr.Foresee(t.Context(), r.Client, "absent",
		ecr.RetentionOptions{Wait: time.Minute}); err != nil || got.Exists {
		t.Errorf("Foresee of an absent repository = %+v, %v", got, err)
	}
	pushed := time.Now()
	r.push(t, image(t), "v1")
	r.pass(t, clock, 10*day)
	r.push(t, image(t), "x")
	r.pass(t, clock, time.Hour)
	r.push(t, image(t), "v2")
	r.policy(t,
		rule(1, pushedBefore(`"tagStatus":"tagged","tagPrefixList":["v"]`, 5)),
		rule(2, pushedBefore(`"tagStatus":"tagged","tagPatternList":["release-*"]`, 1)),
		rule(3, pushedBefore(`"tagStatus":"any"`, 100)))
	got, goes := r.foresee(t)
	if !slices.Equal(goes,
		[]string{"v1"}) || got.Expires.Images != 1 || got.Expires.Bytes != got.Images[0].SizeBytes ||
		got.Images[0].Rule != 1 {
		t.Errorf("%q goes: %+v", goes, got)
	}
	for i, want := range []struct{ matches, claimed, takes int }{{2, 0, 1}, {0, 0, 0}, {1, 2, 0}} {
		if rule := got.Rules[i]; rule.Matches != want.matches || rule.Claimed != want.claimed || rule.Takes != want.takes {
			t.Errorf("rule %+v, want %+v", rule, want)
		}
	}
	if got.Rules[1].Images != "tagged release-*" {
		t.Errorf("rule 2 is about images %q", got.Rules[1].Images)
	}
	if at := got.Rules[2].NotBefore; at == nil || at.Sub(pushed.Add(110*day)).Abs() > time.Minute {
		t.Errorf("rule 3 takes nothing before %v, want a hundred days after the push of x", at)
	}
	if _, err := r.DeleteLifecyclePolicy(t.Context(),
		&awsecr.DeleteLifecyclePolicyInput{RepositoryName: aws.String("demo")}); err != nil {
		t.Fatal(err) // it would have acted meanwhile
	}
	r.pass(t, clock, 2*day)
	r.policy(t, rule(1, pushedBefore(`"tagStatus":"any"`, 1)))
	if _, goes := r.foresee(t); !slices.Contains(goes, "v2 newest") {
		t.Errorf("%q goes, want v2 as the newest", goes)
	}
}

// What is in use is named itself, or by the index it is in, or by an image in it, also through an index in an index.
func TestForeseeKnowsWhatIsInUse(t *testing.T) {
	clock := new(localaws.Clock)
	r := serveWith(t, localaws.Options{Now: clock.Now})
	child, lone, other := image(t), image(t), image(t)
	inner := index(child)
	outer := index(inner)
	r.push(t, outer, "outer")
	r.push(t, lone, "lone")
	r.push(t, index(other), "apart")
	digest := func(of interface{ Digest() (v1.Hash, error) }) string {
		hash, err := of.Digest()
		if err != nil {
			t.Fatal(err)
		}
		return hash.String()
	}
	r.pass(t, clock, 2*day)
	r.push(t, image(t), "new")
	r.policy(t, rule(1, pushedBefore(`"tagStatus":"any"`, 1)))
	absent := "sha256:" + strings.Repeat("0", 64)
	for _, c := range []struct {
		name  string
		inUse string
		want  []string // the tags that are marked
	}{
		{"nothing of this repository", absent, nil},
		{"an image", digest(lone), []string{"lone"}},
		{"an index", digest(outer), []string{"outer"}},
		{"an image in an index in an index", digest(child), []string{"outer"}},
	} {
		got, goes := r.foresee(t, c.inUse)
		var marked []string
		for _, image := range got.Images {
			if image.InUse != "" && len(image.Tags) > 0 {
				marked = append(marked, image.Tags...)
			}
		}
		if !slices.Equal(marked, c.want) {
			t.Errorf("with %s in use, %q are marked among %q, want %q", c.name, marked, goes, c.want)
		}
		if here := c.inUse != absent; here != (len(got.InUse) == 1) {
			t.Errorf("with %s in use, here is %q", c.name, got.InUse)
		}
	}
}

// sealed gives no manifest at all.
type sealed struct{ registry }

func (s sealed) BatchGetImage(_ context.Context, in *awsecr.BatchGetImageInput,
	_ ...func(*awsecr.Options),
) (*awsecr.BatchGetImageOutput, error) {
	out := &awsecr.BatchGetImageOutput{}
	for _, id := range in.ImageIds {
		out.Failures = append(out.Failures,
			types.ImageFailure{
				ImageId: &id, FailureCode: types.ImageFailureCodeImageInaccessible,
				FailureReason: aws.String("archived"),
			})
	}
	return out, nil
}

// An archived index is due, which cannot be read: what is in use is judged all the same.
func TestForeseeOfAnArchivedIndex(t *testing.T) {
	clock := new(localaws.Clock)
	r := serveWith(t, localaws.Options{Now: clock.Now})
	lone := image(t)
	r.push(t, lone, "lone")
	r.push(t, index(image(t)), "archived")
	if _, err := r.UpdateImageStorageClass(t.Context(), &awsecr.UpdateImageStorageClassInput{
		RepositoryName: aws.String(
			"demo"), ImageId: &types.ImageIdentifier{ImageTag: aws.String(
			"archived")}, TargetStorageClass: types.TargetStorageClassArchive,
	}); err != nil {
		t.Fatal(err)
	}
	r.pass(t, clock, 100*day)
	r.policy(t,
		rule(1, `"tagStatus":"tagged","tagPrefixList":["archived"],"storageClass":"archive",`+
			`"countType":"sinceImageTransitioned","countUnit":"days","countNumber":90`),
		rule(2, pushedBefore(`"tagStatus":"tagged","tagPrefixList":["lone"]`, 1)))
	hash, err := lone.Digest()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ecr.Foresee(t.Context(), ecr.ClientOf(sealed{r}), "demo",
		ecr.RetentionOptions{Wait: time.Minute, InUse: []string{hash.String()}})
	if err != nil || got.Expires.Images != 2 {
		t.Fatalf("Foresee = %+v, %v, want both to go", got.Images, err)
	}
	for _, image := range got.Images {
		if lone := image.Digest == hash.String(); lone != (image.InUse != "") {
			t.Errorf("%q in use: %q", image.Tags, image.InUse)
		}
	}
}

// busy is a repository with somebody else's preview, for some starts, and one that ends as it says.
type busy struct {
	registry
	starts *int
	status types.LifecyclePolicyPreviewStatus
}

func (b busy) StartLifecyclePolicyPreview(ctx context.Context, in *awsecr.StartLifecyclePolicyPreviewInput,
	o ...func(*awsecr.Options),
) (*awsecr.StartLifecyclePolicyPreviewOutput, error) {
	if *b.starts--; *b.starts >= 0 {
		return nil, &types.LifecyclePolicyPreviewInProgressException{Message: aws.String("wait")}
	}
	return b.registry.StartLifecyclePolicyPreview(ctx, in, o...)
}

func (b busy) GetLifecyclePolicyPreview(ctx context.Context, in *awsecr.GetLifecyclePolicyPreviewInput,
	o ...func(*awsecr.Options),
) (*awsecr.GetLifecyclePolicyPreviewOutput, error) {
	out, err := b.registry.GetLifecyclePolicyPreview(ctx, in, o...)
	if err == nil && b.status != "" {
		out.Status = b.status
	}
	return out, err
}

// lost is a repository that goes after its preview.
type lost struct{ registry }

func (l lost) DescribeImages(ctx context.Context, in *awsecr.DescribeImagesInput,
	o ...func(*awsecr.Options),
) (*awsecr.DescribeImagesOutput, error) {
	if _, err := l.DeleteRepository(ctx,
		&awsecr.DeleteRepositoryInput{RepositoryName: in.RepositoryName, Force: true}); err != nil {
		return nil, err
	}
	return l.registry.DescribeImages(ctx, in, o...)
}

func TestForeseeOfAVanishingRepository(t *testing.T) {
	r := serve(t)
	r.push(t, image(t), "v1")
	r.policy(t, rule(1, `"tagStatus":"any","countType":"imageCountMoreThan","countNumber":1`))
	if got, err := ecr.Foresee(t.Context(), ecr.ClientOf(lost{r}), "demo",
		ecr.RetentionOptions{Wait: time.Minute}); err != nil || got.Exists || len(got.Rules) != 0 {
		t.Errorf("Foresee = %+v, %v, want it gone", got, err)
	}
}

func TestForeseeWaits(t *testing.T) {
	r := serve(t)
	r.push(t, image(t), "v1")
	r.policy(t, rule(1, `"tagStatus":"any","countType":"imageCountMoreThan","countNumber":1`))
	var said []string
	wait := ecr.RetentionOptions{Wait: time.Minute, Waiting: func(why string) { said = append(said, why) }}
	if got, err := ecr.Foresee(t.Context(), ecr.ClientOf(busy{r, new(1), ""}), "demo",
		wait); err != nil || !got.Policy || len(said) == 0 || !strings.Contains(said[0], "another preview") {
		t.Errorf("Foresee after another's preview = %+v, %v, saying %q", got, err, said)
	}
	late := ecr.RetentionOptions{Wait: 50 * time.Millisecond}
	for name, api := range map[string]busy{
		"another's": {r, new(1 << 20), ""},
		"ours":      {r, new(0), types.LifecyclePolicyPreviewStatusInProgress},
	} {
		_, err := ecr.Foresee(t.Context(), ecr.ClientOf(api), "demo", late)
		if _, ok := errors.AsType[*ecr.PreviewTimeout](err); !ok {
			t.Errorf("%s takes for ever: %v, want PreviewTimeout", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := ecr.Foresee(ctx, ecr.ClientOf(busy{r, new(1 << 20), ""}), "demo",
		ecr.RetentionOptions{Wait: time.Hour, Waiting: func(string) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v after an interrupt, want it at once", err)
	}
	for _, status := range []types.LifecyclePolicyPreviewStatus{
		types.LifecyclePolicyPreviewStatusFailed,
		types.LifecyclePolicyPreviewStatusExpired,
	} {
		if _, err := ecr.Foresee(t.Context(), ecr.ClientOf(busy{r, new(0), status}), "demo",
			wait); err == nil || !strings.Contains(err.Error(), string(status)) {
			t.Errorf("err = %v for a preview that is %s", err, status)
		}
	}
}

func TestDigests(t *testing.T) {
	a, b := "sha256:"+strings.Repeat("a", 64), "sha256:"+strings.Repeat("b", 64)
	for text, want := range map[string][]string{
		"":                                       {},
		"latest, sha256:ab":                      {},
		a + "0 ":                                 {}, // too long for a digest
		b + "\n" + a + "\n" + strings.ToUpper(a): {a, b},
		`docker-pullable://1.dkr.ecr.eu.amazonaws.com/app@` + a + ` {"imageID":"x@` + b + `"}`: {a, b},
	} {
		if got := ecr.Digests(text); !slices.Equal(got, want) {
			t.Errorf("Digests(%q) = %q, want %q", text, got, want)
		}
	}
}
