package ecr

import (
	"cmp"
	"context"
	"slices"
)

// Deletion is an image that a cleanup deletes. There may be a hundred thousand, so it is small.
type Deletion struct {
	Digest string   `json:"digest"`
	Tags   []string `json:"tags"`
	turn   turn
	pushed int64 // Unix time; another one is another push
}

// turn is when an image is deleted. Indexes come first, because ECR keeps what an index lists; referrers come before
// other images, so that a cleanup that stops early leaves no signature without its image.
type turn int8

const (
	indexTurn turn = iota
	referrerTurn
	otherTurn
	turns
)

func deletionOf(image Image) Deletion {
	d := Deletion{Digest: image.Digest, Tags: image.Tags, turn: otherTurn}
	switch {
	case isIndex(image.MediaType):
		d.turn = indexTurn
	case image.Subject != "":
		d.turn = referrerTurn
	}
	if image.PushedAt != nil {
		d.pushed = image.PushedAt.Unix()
	}
	return d
}

func sortByTurn(images []Deletion) {
	slices.SortStableFunc(images, func(a, b Deletion) int { return cmp.Compare(a.turn, b.turn) })
}

func ofTurn(images []Deletion, t turn) []Deletion {
	compare := func(d Deletion, t turn) int { return cmp.Compare(d.turn, t) }
	begin, _ := slices.BinarySearchFunc(images, t, compare)
	end, _ := slices.BinarySearchFunc(images, t+1, compare)
	return images[begin:end]
}

// remaining lists the images still there, sorted by turn, and counts those to keep. Without approved, all are to be
// deleted; else the approved ones, unless somebody has pushed them again since.
func remaining(ctx context.Context, api *Client, repository string, approved map[string]int64) (
	images []Deletion, kept int, err error,
) {
	err = eachImage(ctx, api, repository, func(image Image) {
		deletion := deletionOf(image)
		if pushed, ok := approved[image.Digest]; approved != nil && (!ok || pushed != deletion.pushed) {
			kept++
			return
		}
		images = append(images, deletion)
	})
	sortByTurn(images)
	return images, kept, err
}
