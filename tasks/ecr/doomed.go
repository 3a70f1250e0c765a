package ecr

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// Doomed is an image that a cleanup deletes.
type Doomed struct {
	Digest    string
	Tags      []string
	MediaType string
	Subject   string // the digest that it refers to: a signature, an attestation, a list of contents
	Archived  bool
}

// Count says how many images a cleanup would delete now, for the question before it: 0 also for a repository
// that does not exist.
func Count(ctx context.Context, api ImagesAPI, repository string) (int, error) {
	count := 0
	err := eachImage(ctx, api, repository, func(types.ImageDetail) { count++ })
	if Missing(err) {
		return 0, nil
	}
	return count, err
}

// doomed lists all images of a repository, each once.
func doomed(ctx context.Context, api ImagesAPI, repository string) ([]Doomed, error) {
	var images []Doomed
	err := eachImage(ctx, api, repository, func(detail types.ImageDetail) {
		images = append(images, Doomed{
			Digest:    aws.ToString(detail.ImageDigest),
			Tags:      detail.ImageTags,
			MediaType: aws.ToString(detail.ImageManifestMediaType),
			Subject:   aws.ToString(detail.SubjectManifestDigest),
			Archived:  detail.ImageStatus == types.ImageStatusArchived,
		})
	})
	if Missing(err) { // removed since it was looked up: empty for sure
		return nil, nil
	}
	return images, err
}

// waves is the order of deletion: all indexes, then all else, where what refers to an image goes before the
// image, so that a cleanup that stops early leaves no signature without what it signs. An index of indexes
// sorts itself out: what is still referenced waits for the next pass.
func waves(images []Doomed) [][]Doomed {
	var indexes, referrers, others []Doomed
	for _, image := range images {
		switch {
		case isIndex(image.MediaType):
			indexes = append(indexes, image)
		case image.Subject != "":
			referrers = append(referrers, image)
		default:
			others = append(others, image)
		}
	}
	return [][]Doomed{indexes, slices.Concat(referrers, others)}
}

// stuck reports whether a pass left everything as it was: nothing went, and nothing was pushed meanwhile that
// could explain why.
func stuck(before, after []Doomed) bool {
	if len(before) != len(after) {
		return false
	}
	present := make(map[string]bool, len(after))
	for _, image := range after {
		present[image.Digest] = true
	}
	return !slices.ContainsFunc(before, func(image Doomed) bool { return !present[image.Digest] })
}
