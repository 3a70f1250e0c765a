package ecr

import (
	"cmp"
	"context"
	"slices"
)

// Doomed is an image that a cleanup deletes. There may be a hundred thousand, so it is no more than a cleanup needs.
type Deletion struct {
	Digest string
	Tags   []string
	turn   turn
	pushed int64 // Unix time; another one is another push
}

// turn is when an image is deleted: all indexes first, because ECR keeps what an index that is there lists; then what
// refers to an image before the image, so that a cleanup that stops early leaves no signature without what it signs. An
// index of indexes sorts itself out: what is still listed waits for the next pass.
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

// sortByTurn puts images into the order of their deletion, and leaves those of one turn in theirs.
func sortByTurn(images []Deletion) {
	slices.SortStableFunc(images, func(a, b Deletion) int { return cmp.Compare(a.turn, b.turn) })
}

// ofTurn is the part of sorted images whose turn it is.
func ofTurn(images []Deletion, t turn) []Deletion {
	compare := func(d Deletion, t turn) int { return cmp.Compare(d.turn, t) }
	begin, _ := slices.BinarySearchFunc(images, t, compare)
	end, _ := slices.BinarySearchFunc(images, t+1, compare)
	return images[begin:end]
}

// left lists which images of a cleanup are there, sorted by turn, and counts those that stay. Without approved, all
// that is there is to go; else what was approved, unless somebody has pushed it again since.
func left(ctx context.Context, api ImagesAPI, repository string, approved map[string]int64) (images []Deletion, stay int,
	err error) {
	err = eachImage(ctx, api, repository, func(image Image) {
		deletion := deletionOf(image)
		if pushed, ok := approved[image.Digest]; approved != nil && (!ok || pushed != deletion.pushed) {
			stay++
			return
		}
		images = append(images, deletion)
	})
	sortByTurn(images)
	return images, stay, err
}
