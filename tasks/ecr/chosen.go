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

// referrerTag is the tag by which tools that know no referrers attach something to an image: sha256-….sig, sha256-….
var referrerTag = regexp.MustCompile(`^sha256-[0-9a-f]{64}`)

// chosen is the image with a tag or digest; without one the newest. It is nil where the repository holds none.
func chosen(ctx context.Context, api ImagesAPI, repository, tagOrDigest string) (*Image, error) {
	if tagOrDigest == "" {
		var latest leader
		err := eachImage(ctx, api, repository, func(detail types.ImageDetail) { latest.see(imageOf(detail)) })
		return latest.image, err
	}
	id := types.ImageIdentifier{ImageTag: &tagOrDigest}
	if strings.HasPrefix(tagOrDigest, "sha256:") {
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

// leader is the newest of the images it has seen that somebody would run: one with a tag, else an index, else any. It needs to
// read no manifest, which ECR would count as a pull: what an index lists has no tags of its own as a rule.
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
	switch {
	case !image.Active() || image.Subject != "":
		return 0
	case slices.ContainsFunc(image.Tags, referrerTag.MatchString):
		return 0
	case len(image.Tags) > 0:
		return 3
	case isIndex(image.MediaType):
		return 2
	}
	return 1
}
