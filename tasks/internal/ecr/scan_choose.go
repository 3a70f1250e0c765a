package ecr

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// referrerTag is how tools that know no referrers attach something to an image: sha256-….sig, sha256-….
var referrerTag = regexp.MustCompile(`^sha256-[0-9a-f]{64}`)

// chosen is the image with a tag, a digest or the only one that begins so; without one the newest. It is nil where the
// repository holds none.
func chosen(ctx context.Context, api ImagesAPI, repository, tagOrDigest string) (*Image, error) {
	if tagOrDigest == "" {
		var latest leader
		err := eachImage(ctx, api, repository, latest.see)
		return latest.image, err
	}
	id := types.ImageIdentifier{ImageTag: &tagOrDigest}
	if strings.HasPrefix(tagOrDigest, "sha256:") {
		if len(tagOrDigest) < digestLength {
			return beginning(ctx, api, repository, tagOrDigest)
		}
		id = types.ImageIdentifier{ImageDigest: &tagOrDigest}
	}
	out, err := api.DescribeImages(ctx, &awsecr.DescribeImagesInput{
		RepositoryName: &repository, ImageIds: []types.ImageIdentifier{id},
		Filter: &types.DescribeImagesFilter{ImageStatus: types.ImageStatusFilterAny},
	})
	_, notFound := errors.AsType[*types.ImageNotFoundException](err)
	if notFound || err == nil && len(out.ImageDetails) == 0 {
		return nil, fmt.Errorf("looking for %q in %q: %w", tagOrDigest, repository, ErrNoImage)
	}
	if err != nil {
		return nil, fmt.Errorf("looking for %q in %q: %w", tagOrDigest, repository, err)
	}
	return new(imageOf(out.ImageDetails[0])), nil
}

const digestLength = len("sha256:") + 64

// beginning is the only image whose digest begins so, as tables show them.
func beginning(ctx context.Context, api ImagesAPI, repository, digits string) (*Image, error) {
	var found *Image
	n := 0
	err := eachImage(ctx, api, repository, func(image Image) {
		if strings.HasPrefix(image.Digest, digits) && (found == nil || found.Digest != image.Digest) {
			found, n = &image, n+1
		}
	})
	switch {
	case err != nil:
		return nil, err
	case n == 0:
		err = ErrNoImage
	case n > 1:
		err = ErrSeveral
	default:
		return found, nil
	}
	return nil, fmt.Errorf("looking for %q in %q: %w", digits, repository, err)
}

// leader is the newest of the images it has seen that somebody would run: one with a tag, else an index, else any. It
// needs to read no manifest, which ECR would count as a pull: what an index lists has no tags of its own as a rule.
type leader struct {
	image *Image
	rank  int
}

func (l *leader) see(image Image) {
	rank := rankOf(image)
	if rank == 0 || rank < l.rank {
		return
	}
	if rank > l.rank || newer(image, *l.image) < 0 {
		l.image, l.rank = &image, rank
	}
}

func rankOf(image Image) int {
	kind := kindOf(image)
	switch {
	case !image.Active() || image.Subject != "" || kind != KindImage && kind != KindIndex:
		return 0 // it cannot be run: it is a cache, a chart, or belongs to another image
	case slices.ContainsFunc(image.Tags, referrerTag.MatchString):
		return 0
	case len(image.Tags) > 0:
		return 3
	case kind == KindIndex:
		return 2
	}
	return 1
}
