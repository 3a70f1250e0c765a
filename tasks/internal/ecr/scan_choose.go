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

// referrerTag is how tools that know no referrers attach something to an image: sha256-….sig, sha256-….
var referrerTag = regexp.MustCompile(`^sha256-[0-9a-f]{64}`)

// wanted is the image that is named, or the newest without a name: nil where the repository holds none.
func wanted(ctx context.Context, api ImagesAPI, repository, named string) (*Image, error) {
	if named != "" {
		return Choose(ctx, api, repository, named)
	}
	var latest leader
	err := eachImage(ctx, api, repository, latest.see)
	return latest.image, err
}

// Choose is the image of a repository that a tag or a digest names, or the first digits of a digest or of a commit's
// tag, as tables show them. A tag of that very name goes before a commit that begins so. Errors: ErrNoImage, and
// ErrSeveral with the images that it could be.
func Choose(ctx context.Context, api ImagesAPI, repository, named string) (*Image, error) {
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
	// shortened is what may be the beginning of a digest or of a commit.
	shortened = regexp.MustCompile(`^(sha256:.{0,63}|[0-9a-f]{4,39}(-dirty)?)$`)
	// commitTag is the tag that a push makes of a commit.
	commitTag = regexp.MustCompile(`^[0-9a-f]{40}(-dirty)?$`)
)

// beginning is the only image whose digest or commit begins so.
func beginning(ctx context.Context, api ImagesAPI, repository, named string) (*Image, error) {
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

// mostCandidates is how many images an error names.
const mostCandidates = 5

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
