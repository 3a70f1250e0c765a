package registry

import (
	"strings"
	"testing"

	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"

	"envoy-proxy-poc/tasks/internal/terraform"
)

// A plain apply keeps the images; a destroy deletes them.
func TestHookDeletesImagesOnDestroyOnly(t *testing.T) {
	s, _ := step(t)
	client, err := s.AWS.ECR(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	name, tag := "team/app", "v1"
	if _, err := client.CreateRepository(t.Context(), &awsecr.CreateRepositoryInput{RepositoryName: &name}); err != nil {
		t.Fatal(err)
	}
	manifest := `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}`
	if _, err := client.PutImage(t.Context(), &awsecr.PutImageInput{
		RepositoryName: &name, ImageTag: &tag, ImageManifest: &manifest,
	}); err != nil {
		t.Fatal(err)
	}
	images := func() int {
		list, err := client.ListImages(t.Context(), &awsecr.ListImagesInput{RepositoryName: &name})
		if err != nil {
			t.Fatal(err)
		}
		return len(list.ImageIds)
	}
	d := deletion{name: name, by: terraform.CommandLine{Words: []string{"terraform", "apply"}}}
	err = d.empty(t.Context(), s)
	if err == nil || !strings.Contains(err.Error(), "which holds 1 image") || images() != 1 {
		t.Errorf("apply: %v, %d images are left, want it refused", err, images())
	}
	d.by.Destroys = true
	if err := d.empty(t.Context(), s); err != nil || images() != 0 {
		t.Errorf("destroy: %v, %d images are left, want none", err, images())
	}
}
