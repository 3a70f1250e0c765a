package ecr

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// StatusAPI is the part of the ECR client that [Status] calls.
type StatusAPI interface {
	RepositoriesAPI
	ImagesAPI
}

// Repository is what ecr:status -json prints of one repository. One that does not exist has its name only.
type Repository struct {
	Name       string     `json:"name"`
	Exists     bool       `json:"exists"`
	URI        string     `json:"uri"` // without a scheme: what image references begin with
	ARN        string     `json:"arn"`
	CreatedAt  *time.Time `json:"createdAt"` // UTC
	ImageCount int        `json:"imageCount"`
	// SizeBytes adds up the compressed images. An index adds nothing: ECR gives it the size of its largest
	// child, which is counted already. Layers that images share are counted for each.
	SizeBytes int64   `json:"sizeBytes"`
	Images    []Image `json:"images"` // the newest, newest first; never nil
	Registry  string  `json:"-"`      // the account that holds it
}

// Image is one manifest: an image, an index, or something that refers to one.
type Image struct {
	Digest    string     `json:"digest"`
	Tags      []string   `json:"tags"`      // sorted; never nil
	PushedAt  *time.Time `json:"pushedAt"`  // UTC
	SizeBytes int64      `json:"sizeBytes"` // compressed; of an index, that of its largest child
	MediaType string     `json:"mediaType"`
	// Status is ACTIVE, ARCHIVED or ACTIVATING: only an active image can be pulled.
	Status string `json:"status"`
	// ArtifactType is what a manifest that is no image holds, such as application/vnd.cyclonedx+json.
	ArtifactType string `json:"artifactType,omitempty"`
	// Subject is the digest that it refers to: a signature, an attestation, a list of contents.
	Subject  string     `json:"subject,omitempty"`
	PulledAt *time.Time `json:"pulledAt,omitempty"` // UTC; ECR refreshes it once a day
}

// Status describes a repository and its newest images, archived ones included. A repository that does not
// exist is an answer, not an error. It holds a page and the newest few in memory, however many there are.
func Status(ctx context.Context, api StatusAPI, repository string, newest int) (Repository, error) {
	missing := Repository{Name: repository, Images: []Image{}}
	found, err := describe(ctx, api, repository)
	if Missing(err) {
		return missing, nil
	}
	if err != nil {
		return missing, err
	}
	status := Repository{
		Name:      repository,
		Exists:    true,
		URI:       aws.ToString(found.RepositoryUri),
		ARN:       aws.ToString(found.RepositoryArn),
		CreatedAt: utc(found.CreatedAt),
		Registry:  aws.ToString(found.RegistryId),
	}
	keep := newestOf(newest)
	err = eachImage(ctx, api, repository, func(detail types.ImageDetail) {
		image := imageOf(detail)
		status.ImageCount++
		if !isIndex(image.MediaType) {
			status.SizeBytes += image.SizeBytes
		}
		keep.add(image)
	})
	if Missing(err) { // removed since it was described
		return missing, nil
	}
	status.Images = keep.sorted()
	return status, err
}

func imageOf(detail types.ImageDetail) Image {
	tags := append([]string{}, detail.ImageTags...)
	slices.Sort(tags)
	return Image{
		Digest:    aws.ToString(detail.ImageDigest),
		Tags:      tags,
		PushedAt:  utc(detail.ImagePushedAt),
		SizeBytes: aws.ToInt64(detail.ImageSizeInBytes),
		MediaType: aws.ToString(detail.ImageManifestMediaType),
		Status:    cmp.Or(string(detail.ImageStatus), string(types.ImageStatusActive)),

		ArtifactType: aws.ToString(detail.ArtifactMediaType),
		Subject:      aws.ToString(detail.SubjectManifestDigest),
		PulledAt:     utc(detail.LastRecordedPullTime),
	}
}

func utc(t *time.Time) *time.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	return new(t.UTC())
}
