package ecr

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// imageDigest is a digest in any text: an image reference, a list, kubectl's JSON.
var imageDigest = regexp.MustCompile(`(?i)\bsha256:[0-9a-f]{64}\b`)

// Digests are all image digests in a text, each once.
func Digests(text string) []string {
	found := imageDigest.FindAllString(text, -1)
	for i := range found {
		found[i] = strings.ToLower(found[i])
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// protect marks what is due and in use: by its own digest, or through an index. A cluster names the index or the image
// in it, and needs both.
//
// Reading an index counts as a pull of it, which keeps it from rules that go by the last pull. So only those are read
// that can matter: indexes in use, and, where an image is in use, the indexes that are due. One that is archived cannot
// be read, nor be run.
func (r *Retention) protect(ctx context.Context, api ManifestsAPI, images map[string]Image) error {
	due := map[string]*Leaving{}
	for i := range r.Images {
		due[r.Images[i].Digest] = &r.Images[i]
	}
	read := map[string]bool{}
	lone := false // an image is in use that may be in an index
	for _, digest := range r.InUse {
		switch image := images[digest]; {
		case !isIndex(image.MediaType):
			lone = true
		case image.Active():
			read[digest] = true
		}
	}
	for digest, leaving := range due {
		if lone && isIndex(leaving.MediaType) && leaving.Active() {
			read[digest] = true
		}
	}
	if len(due) == 0 {
		return nil
	}
	down, up, err := r.family(ctx, api, slices.Sorted(maps.Keys(read)))
	if err != nil {
		return fmt.Errorf("reading the indexes of %q: %w", r.Name, err)
	}
	for _, digest := range r.InUse {
		for _, relation := range []map[string][]string{down, up} {
			for _, other := range reach(digest, func(other string) []string { return relation[other] }) {
				if leaving := due[other]; leaving != nil && (leaving.InUse == "" || other == digest) {
					leaving.InUse = digest
				}
			}
		}
	}
	return nil
}

// family reads indexes, and those in them: what each lists, and what lists each.
func (r *Retention) family(ctx context.Context, api ManifestsAPI, indexes []string) (down, up map[string][]string,
	err error,
) {
	down, up = map[string][]string{}, map[string][]string{}
	asked := map[string]bool{}
	for _, index := range indexes {
		asked[index] = true
	}
	for len(indexes) > 0 {
		read, unread, err := readIndexes(ctx, api, r.Name, indexes)
		if err != nil {
			return nil, nil, err
		}
		if len(unread) > 0 { // what it lists cannot be vouched for
			return nil, nil, fmt.Errorf("%s: %s", unread[0].Digest, unread[0].Why())
		}
		indexes = nil
		for index, manifest := range read {
			for _, child := range manifest.children {
				down[index] = append(down[index], child.Digest)
				up[child.Digest] = append(up[child.Digest], index)
				if isIndex(child.MediaType) && !asked[child.Digest] {
					asked[child.Digest] = true
					indexes = append(indexes, child.Digest)
				}
			}
		}
	}
	return down, up, nil
}

// reach is all that a relation leads to from an image, the image itself first.
func reach[T comparable](from T, relation func(T) []T) []T {
	reached, seen := []T{from}, map[T]bool{from: true}
	for i := 0; i < len(reached); i++ {
		for _, next := range relation(reached[i]) {
			if !seen[next] {
				seen[next] = true
				reached = append(reached, next)
			}
		}
	}
	return reached
}
