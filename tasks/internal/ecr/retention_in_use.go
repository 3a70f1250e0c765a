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

// relations are what each index lists, and which indexes list each image.
type relations struct{ down, up map[string][]string }

// relate reads the indexes that can matter, as reading one counts as a pull, which keeps it from rules that follow the
// last pull: those in use, and, where an image is in use, those that are due. A rule for tags can keep an index and let
// another rule take its untagged images: then all indexes matter.
func (r *Retention) relate(ctx context.Context, api *Client, images map[string]Image, due map[string]bool) (
	relations, error,
) {
	if len(due) == 0 {
		return relations{}, nil
	}
	inUse, loneImage := map[string]bool{}, false // an image is in use that may be in an index
	for _, digest := range r.InUse {
		inUse[digest] = true
		loneImage = loneImage || !isIndex(images[digest].MediaType)
	}
	forTags := slices.ContainsFunc(r.Rules,
		func(rule RetentionRule) bool { return rule.rule.Selection.TagStatus != "any" })
	read := map[string]bool{}
	for digest, image := range images {
		if isIndex(image.MediaType) && image.Active() && (forTags || inUse[digest] || loneImage && due[digest]) {
			read[digest] = true
		}
	}
	related, err := r.family(ctx, api, slices.Sorted(maps.Keys(read)))
	if err != nil {
		return related, fmt.Errorf("reading the indexes of %q: %w", r.Name, err)
	}
	return related, nil
}

func (r *Retention) family(ctx context.Context, api *Client, indexes []string) (relations, error) {
	related := relations{map[string][]string{}, map[string][]string{}}
	asked := map[string]bool{}
	for _, index := range indexes {
		asked[index] = true
	}
	for len(indexes) > 0 {
		read, unread, err := readIndexes(ctx, api, r.Name, indexes)
		if err != nil {
			return related, err
		}
		if len(unread) > 0 { // what it lists cannot be vouched for
			return related, fmt.Errorf("%s: %s", unread[0].Digest, unread[0].Why())
		}
		indexes = nil
		for index, manifest := range read {
			for _, child := range manifest.children {
				related.down[index] = append(related.down[index], child.Digest)
				related.up[child.Digest] = append(related.up[child.Digest], index)
				if isIndex(child.MediaType) && !asked[child.Digest] {
					asked[child.Digest] = true
					indexes = append(indexes, child.Digest)
				}
			}
		}
	}
	return related, nil
}

// held are the images that ECR keeps, though a rule takes them: those in an index that is not due.
func (r relations) held(due map[string]bool) map[string]bool {
	held := map[string]bool{}
	for index := range r.down {
		if due[index] {
			continue
		}
		for _, digest := range reach(index, func(other string) []string { return r.down[other] }) {
			held[digest] = true
		}
	}
	return held
}

// markInUse marks what is due and in use, by its own digest or through an index: a cluster needs both.
func (r *Retention) markInUse(related relations) {
	goes := map[string]*Leaving{}
	for i := range r.Images {
		goes[r.Images[i].Digest] = &r.Images[i]
	}
	for _, digest := range r.InUse {
		for _, relation := range []map[string][]string{related.down, related.up} {
			for _, other := range reach(digest, func(other string) []string { return relation[other] }) {
				if leaving := goes[other]; leaving != nil && (leaving.InUse == "" || other == digest) {
					leaving.InUse = digest
				}
			}
		}
	}
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
