package ecr_test

import (
	"slices"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"envoy-proxy-poc/tasks/internal/ecr"
)

// An index of two platforms with an attestation, one of its children tagged by itself, a referrer of the index and a
// lone image.
func TestInventoryKnowsWhatBelongsToWhat(t *testing.T) {
	r := serve(t)
	amd64, arm64, attestation := image(t), image(t), image(t)
	made := mutate.AppendManifests(empty.Index,
		mutate.IndexAddendum{
			Add:        amd64,
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "amd64"}},
		},
		mutate.IndexAddendum{
			Add:        arm64,
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}},
		},
		mutate.IndexAddendum{Add: attestation, Descriptor: v1.Descriptor{
			Platform: &v1.Platform{
				OS:           "unknown",
				Architecture: "unknown",
			}, Annotations: map[string]string{"vnd.docker.reference.type": "attestation-manifest"},
		}})
	r.push(t, made, "v1")
	r.push(t, arm64, "arm")
	r.push(t, image(t), "lone")
	r.push(t, r.referrer(t, made), "")

	inventory, err := ecr.TakeInventory(t.Context(), r.Client, "demo", nil)
	if err != nil {
		t.Fatal(err)
	}
	var top []string
	for _, member := range inventory.Members {
		if member.Top() {
			top = append(top, member.Tags...)
		}
	}
	if len(inventory.Members) != 6 || len(top) != 2 {
		t.Errorf("%d members, at the top %q, want 6, and v1 and lone", len(inventory.Members), top)
	}
	index := memberOf(inventory, "v1")
	if index == nil || len(index.Children) != 3 || len(index.Referrers) != 1 {
		t.Fatalf("v1 is %+v, want three children and a referrer", index)
	}
	if c := index.Children; c[0].Platform != "linux/amd64" || c[1].Platform != "linux/arm64/v8" || !c[2].Attestation ||
		c[2].Platform != "" {
		t.Errorf("children %+v", c)
	}
	if arm := memberOf(inventory, "arm"); arm == nil || len(arm.Parents) != 1 || arm.Parents[0] != index {
		t.Errorf("arm is %+v, want v1 to list it", arm)
	}
}

// referrer is an image that refers to what was pushed.
func (r registry) referrer(t *testing.T, to interface{ Digest() (v1.Hash, error) }) v1.Image {
	t.Helper()
	repository, err := name.NewRepository(r.credential.Host + "/demo")
	if err != nil {
		t.Fatal(err)
	}
	digest, err := to.Digest()
	if err != nil {
		t.Fatal(err)
	}
	subject, err := remoteHead(r, repository.Digest(digest.String()))
	if err != nil {
		t.Fatal(err)
	}
	return mutate.Subject(image(t), *subject).(v1.Image)
}

// memberOf is the one with a digest or a tag, nil if there is none.
func memberOf(inventory *ecr.Inventory, digestOrTag string) *ecr.Member {
	for _, m := range inventory.Members {
		if m.Digest == digestOrTag || slices.Contains(m.Tags, digestOrTag) {
			return m
		}
	}
	return nil
}
