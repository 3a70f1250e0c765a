package localaws_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	v1types "github.com/google/go-containerregistry/pkg/v1/types"

	"envoy-proxy-poc/tasks/localaws"
)

// preview waits for a preview as the SDK does.
func (l *local) preview(text *string) *ecr.GetLifecyclePolicyPreviewOutput {
	l.t.Helper()
	started, err := l.ecr().StartLifecyclePolicyPreview(l.t.Context(), &ecr.StartLifecyclePolicyPreviewInput{RepositoryName: aws.String("app"), LifecyclePolicyText: text})
	wantOK(l.t, err)
	if started.Status != types.LifecyclePolicyPreviewStatusInProgress {
		l.t.Errorf("a preview starts as %s, want IN_PROGRESS", started.Status)
	}
	waiter := ecr.NewLifecyclePolicyPreviewCompleteWaiter(l.ecr(), func(o *ecr.LifecyclePolicyPreviewCompleteWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Millisecond, 10*time.Millisecond
	})
	out, err := waiter.WaitForOutput(l.t.Context(), &ecr.GetLifecyclePolicyPreviewInput{RepositoryName: aws.String("app")}, time.Minute)
	wantOK(l.t, err)
	return out
}

func TestPreview(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	api, app := l.ecr(), aws.String("app")
	_, err := api.GetLifecyclePolicyPreview(t.Context(), &ecr.GetLifecyclePolicyPreviewInput{RepositoryName: app})
	wantCode(t, err, "LifecyclePolicyPreviewNotFoundException")
	_, err = api.StartLifecyclePolicyPreview(t.Context(), &ecr.StartLifecyclePolicyPreviewInput{RepositoryName: app})
	wantCode(t, err, "LifecyclePolicyNotFoundException")
	_, err = api.StartLifecyclePolicyPreview(t.Context(), &ecr.StartLifecyclePolicyPreviewInput{RepositoryName: app, LifecyclePolicyText: aws.String("{}")})
	wantCode(t, err, "InvalidParameterException")
	_, err = api.StartLifecyclePolicyPreview(t.Context(), &ecr.StartLifecyclePolicyPreviewInput{RepositoryName: aws.String("none"), LifecyclePolicyText: policyText(rule(1, pushedBefore(`"tagStatus":"any"`, 3), "expire"))})
	wantCode(t, err, "RepositoryNotFoundException")

	digest := l.push("app:old", image(t), l.login())
	l.pass(10 * day)
	l.push("app:v1", image(t), l.login())
	l.pass(10 * day)
	l.push("app:v2", image(t), l.login())
	out := l.preview(policyText(
		rule(1, `"tagStatus":"tagged","tagPrefixList":["v"],"countType":"imageCountMoreThan","countNumber":1`, "archive"),
		rule(7, pushedBefore(`"tagStatus":"any"`, 15), "expire")))
	if len(out.PreviewResults) != 2 || *out.Summary.ExpiringImageTotalCount != 1 || *out.Summary.TransitioningImageTotalCounts[0].ImageTotalCount != 1 {
		t.Fatalf("the preview has %d results, %+v", len(out.PreviewResults), out.Summary)
	}
	first, second := out.PreviewResults[0], out.PreviewResults[1]
	if *first.ImageDigest != digest || first.ImageTags[0] != "old" || *first.AppliedRulePriority != 7 || first.Action.Type != types.ImageActionTypeExpire ||
		first.StorageClass != types.LifecyclePolicyStorageClassStandard || first.ImagePushedAt == nil {
		t.Errorf("the oldest image's result is %+v, %+v", first, first.Action)
	}
	if second.ImageTags[0] != "v1" || *second.AppliedRulePriority != 1 || second.Action.Type != types.ImageActionTypeTransition || second.Action.TargetStorageClass != types.LifecyclePolicyTargetStorageClassArchive {
		t.Errorf("the other image's result is %+v, %+v", second, second.Action)
	}
	if got, want := l.there("ANY"), "old v1 v2"; got != want {
		t.Errorf("after the preview there is %q, want %q", got, want)
	}
	l.previewOfOwnPolicy(digest)
	l.restart()
	again, err := l.ecr().GetLifecyclePolicyPreview(t.Context(), &ecr.GetLifecyclePolicyPreviewInput{RepositoryName: app})
	wantOK(t, err)
	if again.Status != types.LifecyclePolicyPreviewStatusComplete || len(again.PreviewResults) != 3 {
		t.Errorf("after a restart the preview is %s with %d results, want it COMPLETE with 3", again.Status, len(again.PreviewResults))
	}
	l.pass(day)
	again, err = l.ecr().GetLifecyclePolicyPreview(t.Context(), &ecr.GetLifecyclePolicyPreviewInput{RepositoryName: app})
	wantOK(t, err)
	if again.Status != types.LifecyclePolicyPreviewStatusExpired || len(again.PreviewResults) != 0 {
		t.Errorf("after a day the preview is %s with %d results, want it EXPIRED with none", again.Status, len(again.PreviewResults))
	}
}

func (l *local) previewOfOwnPolicy(digest string) {
	l.t.Helper()
	l.lifecycle(rule(1, pushedBefore(`"tagStatus":"any"`, 15), "expire"))
	l.pass(day / 2)
	if out := l.preview(nil); len(out.PreviewResults) != 1 || *out.PreviewResults[0].ImageDigest != digest {
		l.t.Errorf("the preview of the repository's own policy is %+v", out.PreviewResults)
	}
	l.preview(policyText(rule(1, `"tagStatus":"any","countType":"sinceImagePulled","countUnit":"days","countNumber":90`, "archive")))
	l.lifecycle(rule(1, pushedBefore(`"tagStatus":"any"`, 200), "expire"))
	l.pass(20 * day)
	if out := l.preview(policyText(rule(1, pushedBefore(`"tagStatus":"any"`, 15), "expire"))); len(out.PreviewResults) != 3 {
		l.t.Errorf("the preview of another policy has %d results, want 3", len(out.PreviewResults))
	}
}

func TestPreviewPages(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	img := mutate.MediaType(image(t), v1types.OCIManifestSchema1)
	base := l.push("app:base", img, l.login())
	raw, err := img.RawManifest()
	wantOK(t, err)
	const images = 106
	for i := range images - 1 {
		in := &ecr.PutImageInput{RepositoryName: aws.String("app"), ImageManifest: manifestOf(t, string(raw), i)}
		if i%2 == 0 {
			in.ImageTag = aws.String(fmt.Sprintf("t%d", i))
		}
		_, err := l.ecr().PutImage(t.Context(), in)
		wantOK(t, err)
	}
	l.pass(2 * day)
	l.preview(policyText(rule(1, pushedBefore(`"tagStatus":"any"`, 1), "expire")))
	for _, c := range []struct {
		status types.TagStatus
		size   *int32
		pages  []int
	}{
		{"", nil, []int{100, 6}},
		{"", aws.Int32(53), []int{53, 53}},
		{types.TagStatusTagged, nil, []int{54}},
		{types.TagStatusUntagged, aws.Int32(50), []int{50, 2}},
	} {
		seen := map[string]bool{}
		var sizes []int
		pages := ecr.NewGetLifecyclePolicyPreviewPaginator(l.ecr(), &ecr.GetLifecyclePolicyPreviewInput{
			RepositoryName: aws.String("app"), MaxResults: c.size, Filter: &types.LifecyclePolicyPreviewFilter{TagStatus: c.status},
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			wantOK(t, err)
			sizes = append(sizes, len(page.PreviewResults))
			if *page.Summary.ExpiringImageTotalCount != images {
				t.Errorf("the summary counts %d images, want %d on every page", *page.Summary.ExpiringImageTotalCount, images)
			}
			for _, one := range page.PreviewResults {
				seen[*one.ImageDigest] = true
			}
		}
		total := 0
		for _, n := range c.pages {
			total += n
		}
		if fmt.Sprint(sizes) != fmt.Sprint(c.pages) || len(seen) != total {
			t.Errorf("pages with tagStatus %q have sizes %v and %d images, want %v", c.status, sizes, len(seen), c.pages)
		}
	}
	l.previewByID(base)
}

func (l *local) previewByID(digest string) {
	l.t.Helper()
	get := func(change func(*ecr.GetLifecyclePolicyPreviewInput)) (*ecr.GetLifecyclePolicyPreviewOutput, error) {
		in := &ecr.GetLifecyclePolicyPreviewInput{RepositoryName: aws.String("app")}
		change(in)
		return l.ecr().GetLifecyclePolicyPreview(l.t.Context(), in)
	}
	out, err := get(func(in *ecr.GetLifecyclePolicyPreviewInput) { in.ImageIds = append(byTag("t4"), byDigest(digest)...) })
	wantOK(l.t, err)
	if len(out.PreviewResults) != 2 || out.NextToken != nil {
		l.t.Errorf("two ids have %d results", len(out.PreviewResults))
	}
	first, err := get(func(in *ecr.GetLifecyclePolicyPreviewInput) { in.MaxResults = aws.Int32(1) })
	wantOK(l.t, err)
	l.preview(policyText(rule(1, pushedBefore(`"tagStatus":"any"`, 1), "expire")))
	for name, change := range map[string]func(*ecr.GetLifecyclePolicyPreviewInput){
		"101 results":                   func(in *ecr.GetLifecyclePolicyPreviewInput) { in.MaxResults = aws.Int32(101) },
		"no results":                    func(in *ecr.GetLifecyclePolicyPreviewInput) { in.MaxResults = aws.Int32(0) },
		"ids and pages":                 func(in *ecr.GetLifecyclePolicyPreviewInput) { in.ImageIds, in.MaxResults = byTag("t4"), aws.Int32(5) },
		"a token of the preview before": func(in *ecr.GetLifecyclePolicyPreviewInput) { in.NextToken = first.NextToken },
		"a tag status that there is not": func(in *ecr.GetLifecyclePolicyPreviewInput) {
			in.Filter = &types.LifecyclePolicyPreviewFilter{TagStatus: "SOME"}
		},
	} {
		if _, err := get(change); err == nil {
			l.t.Errorf("asking for %s was no error", name)
		} else {
			wantCode(l.t, err, "InvalidParameterException")
		}
	}
}
