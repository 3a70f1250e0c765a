package ecr

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// plain is a repository without policy and scans, whose indexes cannot be read for the reason unread.
type plain struct {
	fake
	unread types.ImageFailureCode
}

func (p plain) BatchGetImage(_ context.Context, in *awsecr.BatchGetImageInput,
	_ ...func(*awsecr.Options),
) (*awsecr.BatchGetImageOutput, error) {
	out := &awsecr.BatchGetImageOutput{}
	for _, id := range in.ImageIds {
		out.Failures = append(out.Failures, types.ImageFailure{ImageId: &id, FailureCode: p.unread})
	}
	return out, nil
}

func (plain) GetLifecyclePolicy(context.Context, *awsecr.GetLifecyclePolicyInput,
	...func(*awsecr.Options),
) (*awsecr.GetLifecyclePolicyOutput, error) {
	return nil, &types.LifecyclePolicyNotFoundException{}
}

func (plain) DescribeImageScanFindings(context.Context, *awsecr.DescribeImageScanFindingsInput,
	...func(*awsecr.Options),
) (*awsecr.DescribeImageScanFindingsOutput, error) {
	return nil, &types.ScanNotFoundException{}
}

func (plain) GetDownloadUrlForLayer(context.Context, *awsecr.GetDownloadUrlForLayerInput,
	...func(*awsecr.Options),
) (*awsecr.GetDownloadUrlForLayerOutput, error) {
	return nil, &types.LayersNotFoundException{}
}

func TestStatusJSON(t *testing.T) {
	s := new(shelf)
	image := s.add("sha256:a", ociManifest)
	image.ImageTags = []string{"v2", "latest"}
	image.ImagePushedAt = aws.Time(time.Date(2026, 2, 3, 4, 5, 6, 0, time.FixedZone("east", 3600)))
	s.add("sha256:i", ociIndex).ImageSizeInBytes = aws.Int64(99) // whose manifest ECR does not give
	got, err := Status(t.Context(), ClientOf(plain{s.client(), types.ImageFailureCodeImageInaccessible}), "demo",
		StatusOptions{Newest: 1, Looked: 1})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"name":"demo","exists":true,"uri":"123456789012.dkr.ecr.eu-central-1.amazonaws.com/demo","arn":"` +
		arnOfDemo +
		`","createdAt":"2026-01-01T00:00:00Z","mutability":"MUTABLE","scanOnPush":true,"imageCount":2,"topLevelCount":2,` +
		`"archivedCount":0,"sizeBytes":10,"archivedBytes":0,"storageUSDPerMonth":0,"images":[{"digest":"sha256:a",` +
		`"tags":["latest","v2"],` +
		`"pushedAt":"2026-02-03T03:05:06Z","sizeBytes":10,"mediaType":"application/vnd.oci.image.manifest.v1+json",` +
		`"status":"ACTIVE","kind":"image","platforms":[],` +
		`"expiry":"never","expiresAt":null,"scan":{"status":"not scanned"}}],"scansAskedFor":1,` +
		`"warnings":["cannot read 1 of its indexes (perhaps archived); ` +
		`their images have rows of their own"]}`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	if got.Registry != "123456789012" {
		t.Errorf("registry %q, want the account", got.Registry)
	}
}

// An index that somebody deletes between the listing and the reading is nothing to warn about.
func TestStatusOfAnIndexThatVanishes(t *testing.T) {
	s := new(shelf)
	s.add("sha256:i", ociIndex)
	got, err := Status(t.Context(), ClientOf(plain{s.client(), types.ImageFailureCodeImageNotFound}), "demo",
		StatusOptions{Newest: 1})
	if err != nil || got.Warnings != nil {
		t.Errorf("warnings %q, %v, want none", got.Warnings, err)
	}
}

func TestStatusOfAMissingRepository(t *testing.T) {
	missing := func(*awsecr.DescribeImagesInput) (*awsecr.DescribeImagesOutput, error) { return nil, notFound }
	clients := map[string]fake{
		"from the start": {repositories: func(*awsecr.DescribeRepositoriesInput) (*awsecr.DescribeRepositoriesOutput, error) {
			return nil, notFound
		}},
		"since": {repositories: new(shelf).repositories, images: missing},
	}
	for name, client := range clients {
		t.Run(name, func(t *testing.T) {
			got, err := Status(t.Context(), ClientOf(plain{fake: client}), "demo", StatusOptions{Newest: 5})
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			want := `{"name":"demo","exists":false,"uri":"","arn":"","createdAt":null,"scanOnPush":false,` +
				`"imageCount":0,"topLevelCount":0,"archivedCount":0,"sizeBytes":0,"archivedBytes":0,"storageUSDPerMonth":0,` +
				`"images":[],"scansAskedFor":0}`
			if string(text) != want {
				t.Errorf("got  %s\nwant %s", text, want)
			}
		})
	}
}

func TestStatusCountsAllAndKeepsTheNewest(t *testing.T) {
	tests := map[string]struct{ images, newest, want int }{
		"none there":          {0, 5, 0},
		"none wanted":         {3, 0, 0},
		"fewer than wanted":   {3, 5, 3},
		"one page":            {1000, 5, 5},
		"more than one page":  {1001, 5, 5},
		"all of three pages":  {2100, 2100, 2100},
		"all by -1":           {2, -1, 2},
		"exactly those there": {4, 4, 4},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := new(shelf).fill(test.images)
			got, err := Status(t.Context(), ClientOf(plain{fake: s.client()}), "demo", StatusOptions{Newest: test.newest})
			if err != nil {
				t.Fatal(err)
			}
			if got.ImageCount != test.images || got.SizeBytes != int64(10*test.images) || len(got.Images) != test.want ||
				got.Images == nil {
				t.Errorf("count %d, size %d, %d listed, want %d, %d, %d", got.ImageCount, got.SizeBytes, len(got.Images),
					test.images, 10*test.images, test.want)
			}
			for i, image := range got.Images { // the last of the shelf was pushed last
				if want := *s.images[test.images-1-i].ImageDigest; image.Digest != want {
					t.Fatalf("image %d is %s, want %s", i, image.Digest, want)
				}
			}
		})
	}
}

// Programs can tell the rows whose scans are not known from those whose scans were not asked for.
func TestStatusAsksForSomeScans(t *testing.T) {
	client := ClientOf(plain{fake: new(shelf).fill(3).client()})
	got, err := Status(t.Context(), client, "demo", StatusOptions{Newest: -1, Looked: 2})
	if err != nil || len(got.Images) != 3 || got.Looked != 2 {
		t.Fatalf("%d rows, scans of %d asked for, %v, want 3 and 2", len(got.Images), got.Looked, err)
	}
	for i, want := range []ScanResult{ScanNever, ScanNever, ScanNotAsked} {
		if scan := got.Images[i].Scan.Status; scan != want {
			t.Errorf("row %d has the scan %q, want %q", i, scan, want)
		}
	}
}

// Images that a server lists without a time or media type, or in any order, are no crash.
func TestStatusOfSparseAnswers(t *testing.T) {
	s := new(shelf)
	s.images = []types.ImageDetail{
		{},
		{ImageDigest: aws.String("b")},
		{ImageDigest: aws.String("a"), ImagePushedAt: aws.Time(day(1))},
	}
	got, err := Status(t.Context(), ClientOf(plain{fake: s.client()}), "demo", StatusOptions{Newest: 3})
	if err != nil {
		t.Fatal(err)
	}
	var digests []string
	for _, image := range got.Images {
		digests = append(digests, image.Digest)
	}
	if want := []string{"a", "", "b"}; !slices.Equal(digests,
		want) || got.Images[1].PushedAt != nil || got.Images[1].Tags == nil {
		t.Errorf("images %+v, want %q, times absent and tags empty", got.Images, want)
	}
}
