package localaws_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"envoy-proxy-poc/tasks/localaws"
)

const day = 24 * time.Hour

// rule is one rule of a lifecycle policy; action is expire or archive.
func rule(priority int, selection, action string) string {
	what := `"type":"expire"`
	if action == "archive" {
		what = `"type":"transition","targetStorageClass":"archive"`
	}
	return fmt.Sprintf(`{"rulePriority":%d,"description":"a rule","selection":{%s},"action":{%s}}`, priority, selection, what)
}

func pushedBefore(status string, days int) string {
	return fmt.Sprintf(`%s,"countType":"sinceImagePushed","countUnit":"days","countNumber":%d`, status, days)
}

func policyText(rules ...string) *string {
	return aws.String(`{"rules":[` + strings.Join(rules, ",") + `]}`)
}

func (l *local) lifecycle(rules ...string) {
	l.t.Helper()
	_, err := l.ecr().PutLifecyclePolicy(l.t.Context(), &ecr.PutLifecyclePolicyInput{RepositoryName: aws.String("app"), LifecyclePolicyText: policyText(rules...)})
	wantOK(l.t, err)
}

// there is the tags and the untagged images of the repository app, with a status; "" is what ECR shows by itself.
func (l *local) there(status types.ImageStatusFilter) string {
	l.t.Helper()
	out, err := l.ecr().ListImages(l.t.Context(), &ecr.ListImagesInput{RepositoryName: aws.String("app"), Filter: &types.ListImagesFilter{ImageStatus: status}})
	wantOK(l.t, err)
	var names []string
	for _, id := range out.ImageIds {
		names = append(names, aws.ToString(id.ImageTag))
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func TestImagesExpire(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	l.lifecycle(rule(1, pushedBefore(`"tagStatus":"tagged","tagPatternList":["v*"]`, 30), "expire"))
	l.push("app:v1", image(t), l.login())
	l.push("app:keep", image(t), l.login())
	l.pass(29 * day)
	l.push("app:v2", image(t), l.login())
	if got, want := l.there(""), "keep v1 v2"; got != want {
		t.Errorf("after 29 days there is %q, want %q", got, want)
	}
	l.pass(2 * day)
	if got, want := l.there(""), "keep v2"; got != want {
		t.Errorf("after 31 days there is %q, want %q", got, want)
	}
	if _, err := remote.Get(l.ref("app:v1"), l.login()); err == nil || !strings.Contains(err.Error(), "MANIFEST_UNKNOWN") {
		t.Errorf("pulling an expired image: %v, want MANIFEST_UNKNOWN", err)
	}
	l.restart()
	if got, want := l.there(""), "keep v2"; got != want {
		t.Errorf("after a restart there is %q, want %q", got, want)
	}
	got, err := l.ecr().GetLifecyclePolicy(t.Context(), &ecr.GetLifecyclePolicyInput{RepositoryName: aws.String("app")})
	wantOK(t, err)
	if at := got.LastEvaluatedAt; at == nil || at.Before(l.clock.Now().Add(-day)) {
		t.Errorf("lastEvaluatedAt is %v, want it on the last day", at)
	}
}

// A policy works at the end of the day that ECR promises: until then there is time to think again.
func TestANewPolicyWaits(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	l.push("app:old", image(t), l.login())
	l.pass(100 * day)
	l.lifecycle(rule(1, pushedBefore(`"tagStatus":"any"`, 1), "expire"))
	l.pass(day - time.Minute)
	if got := l.there(""); got != "old" {
		t.Errorf("before a day is over there is %q, want %q", got, "old")
	}
	_, err := l.ecr().DeleteLifecyclePolicy(t.Context(), &ecr.DeleteLifecyclePolicyInput{RepositoryName: aws.String("app")})
	wantOK(t, err)
	l.pass(day)
	if got := l.there(""); got != "old" {
		t.Errorf("a deleted policy left %q, want %q", got, "old")
	}
	l.lifecycle(rule(1, pushedBefore(`"tagStatus":"any"`, 1), "expire"))
	l.pass(day)
	if got := l.delete("app", byTag("old")); got != "0 [ImageNotFound]" {
		t.Errorf("deleting an expired image = %s", got)
	}
	_, err = l.ecr().DeleteRepository(t.Context(), &ecr.DeleteRepositoryInput{RepositoryName: aws.String("app")})
	wantOK(t, err)
}

// A push does not wait for expiry, and neither do repositories that nobody looks at: the sweep at the start sees to them.
func TestExpiryWithoutALook(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app", func(in *ecr.CreateRepositoryInput) { in.ImageTagMutability = types.ImageTagMutabilityImmutable })
	l.push("app:v1", image(t), l.login())
	l.lifecycle(rule(1, pushedBefore(`"tagStatus":"any"`, 30), "expire"))
	l.pass(32 * day)
	l.restart()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		raw, err := image(t).RawManifest()
		wantOK(t, err)
		_, err = l.ecr().PutImage(t.Context(), &ecr.PutImageInput{RepositoryName: aws.String("app"), ImageManifest: aws.String(string(raw)), ImageTag: aws.String("v1")})
		if strings.Contains(err.Error(), "LayersNotFoundException") {
			return // the tag is free, so only the layers are missing
		}
		wantCode(t, err, "ImageTagAlreadyExistsException")
		if time.Now().After(deadline) {
			t.Fatal("the image did not expire")
		}
	}
}

func TestIndexesExpireBeforeTheirChildren(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	l.lifecycle(rule(1, pushedBefore(`"tagStatus":"untagged"`, 1), "expire"), rule(2, `"tagStatus":"any","countType":"imageCountMoreThan","countNumber":3`, "expire"))
	for _, tag := range []string{"first", "second"} {
		index, err := random.Index(100, 1, 2)
		wantOK(t, err)
		wantOK(t, remote.WriteIndex(l.ref("app:"+tag), index, l.login()))
		l.pass(time.Hour)
	}
	l.pass(25 * time.Hour)
	// Rule 1 marks all four children. Rule 2 marks the three oldest of the six images, of which only the index is not
	// rule 1's already. So the first index goes, and then its children can; the second index keeps its own.
	if got, want := l.there(""), "  second"; got != want {
		t.Errorf("there is %q, want %q", got, want)
	}
}
