package ecr

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

var referrerTag = regexp.MustCompile(`^sha256-[0-9a-f]{64}`)

// wanted is the image that is named, or the newest; nil where the repository holds none.
func wanted(ctx context.Context, api *Client, repository, named string) (*Image, error) {
	if named != "" {
		return Choose(ctx, api, repository, named)
	}
	var latest leader
	err := eachImage(ctx, api, repository, latest.see)
	return latest.image, err
}

// Choose is the image that a tag or a digest names, or the first digits of a digest or of a commit's tag. A tag of that
// very name goes before a commit that begins so. Errors: ErrNoImage, and ErrSeveral with the candidates.
func Choose(ctx context.Context, api *Client, repository, named string) (*Image, error) {
	if shortened.MatchString(named) {
		return beginning(ctx, api, repository, named)
	}
	id := types.ImageIdentifier{ImageTag: &named}
	if strings.HasPrefix(named, "sha256:") {
		id = types.ImageIdentifier{ImageDigest: &named}
	}
	out, err := api.DescribeImages(ctx, &awsecr.DescribeImagesInput{
		RepositoryName: &repository, ImageIds: []types.ImageIdentifier{id},
		Filter: &types.DescribeImagesFilter{ImageStatus: types.ImageStatusFilterAny},
	})
	_, notFound := errors.AsType[*types.ImageNotFoundException](err)
	if notFound || err == nil && len(out.ImageDetails) == 0 {
		return nil, fmt.Errorf("looking for %q in %q: %w", named, repository, ErrNoImage)
	}
	if err != nil {
		return nil, fmt.Errorf("looking for %q in %q: %w", named, repository, err)
	}
	return new(imageOf(out.ImageDetails[0])), nil
}

var (
	shortened = regexp.MustCompile(`^(sha256:.{0,63}|[0-9a-f]{4,39}(-dirty)?)$`)
	commitTag = regexp.MustCompile(`^[0-9a-f]{40}(-dirty)?$`)
)

func beginning(ctx context.Context, api *Client, repository, named string) (*Image, error) {
	found := map[string]*Image{}
	var exact *Image
	err := eachImage(ctx, api, repository, func(image Image) {
		switch {
		case slices.Contains(image.Tags, named):
			exact = &image
		case begins(image, named):
			found[image.Digest] = &image
		}
	})
	digests := slices.Sorted(maps.Keys(found))
	switch {
	case err == nil && exact != nil:
		return exact, nil
	case err == nil && len(found) == 1:
		return found[digests[0]], nil
	case err == nil && len(found) == 0:
		err = ErrNoImage
	case err == nil:
		err = fmt.Errorf("%w: %s", ErrSeveral, strings.Join(digests[:min(len(digests), mostCandidates)], ", "))
	}
	return nil, fmt.Errorf("looking for %q in %q: %w", named, repository, err)
}

const mostCandidates = 5 // how many images an error names

func begins(image Image, named string) bool {
	if strings.HasPrefix(image.Digest, named) {
		return true
	}
	commit, dirty := strings.CutSuffix(named, dirtySuffix)
	return slices.ContainsFunc(image.Tags, func(tag string) bool {
		return commitTag.MatchString(tag) && strings.HasPrefix(tag, commit) && strings.HasSuffix(tag, dirtySuffix) == dirty
	})
}

const dirtySuffix = "-dirty"

// leader is the newest image that somebody would run: tagged, else an index, else any. No manifest is pulled for it.
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
