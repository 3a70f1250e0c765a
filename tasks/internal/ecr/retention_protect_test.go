package ecr_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/localaws"
)

// TestForeseeOfProtectedTags previews the policy that main.tf makes of protect_tags
// { "v*" = 2, "*-rc" = 1, latest = 1, "release-*" = 3 }, which TestPolicyOfProtectedTags of package settings compares
// with Terraform. The repository's own policy is another. For each pattern the rule of 30 days takes neither the index
// nor the image in it, which has no tag.
func TestForeseeOfProtectedTags(t *testing.T) {
	text, err := os.ReadFile("testdata/protected.json")
	if err != nil {
		t.Fatal(err)
	}
	clock := new(localaws.Clock)
	r := serveWith(t, localaws.Options{Now: clock.Now})
	for _, tag := range []string{"plain", "v0", "v1", "v2", "latest", "release-1", "v3-rc"} {
		r.push(t, index(image(t)), tag)
		clock.Advance(time.Minute)
	}
	r.pass(t, clock, 40*day)
	preview := func(policy string) (goes []string) {
		got, err := ecr.Foresee(t.Context(), r.Client, "demo", ecr.RetentionOptions{Wait: time.Minute, Policy: policy})
		if err != nil {
			t.Fatal(err)
		}
		for _, image := range got.Images {
			goes = append(goes, strings.Join(image.Tags, "+"))
		}
		if got.Expires.Images != len(goes) || !got.Policy {
			t.Errorf("%q go, of %d: %+v", goes, got.Expires.Images, got)
		}
		slices.Sort(goes)
		return goes
	}
	// v0 and v1 exceed their count, in which v3-rc is one; each takes its image along, as plain does
	if goes := preview(string(text)); !slices.Equal(goes, []string{"", "", "", "plain", "v0", "v1"}) {
		t.Errorf("with the protected tags, %q go", goes)
	}
	for pattern, example := range map[string]string{"latest": "latest", "release-*": "release-1", "v*": "v2"} {
		without := strings.Replace(string(text), `["`+pattern+`"]`, `["none"]`, 1)
		if goes := preview(without); !slices.Contains(goes, example) {
			t.Errorf("without a rule for %s, %q go", pattern, goes)
		}
	}
}
