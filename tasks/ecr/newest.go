package ecr

import (
	"cmp"
	"container/heap"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// newest keeps the n images that were pushed last, as a heap whose root is the oldest of them.
type newest struct {
	n      int
	images []Image
}

func newestOf(n int) *newest { return &newest{n: n} }

func (k *newest) add(image Image) {
	switch {
	case k.n <= 0:
	case len(k.images) < k.n:
		heap.Push(k, image)
	case newer(image, k.images[0]) < 0:
		k.images[0] = image
		heap.Fix(k, 0)
	}
}

// sorted returns what was kept, newest first; never nil.
func (k *newest) sorted() []Image {
	sorted := append([]Image{}, k.images...)
	slices.SortFunc(sorted, newer)
	return sorted
}

// newer orders by push time, newest first, then by digest, so that one push's images keep their order
// from run to run.
func newer(a, b Image) int {
	return cmp.Or(aws.ToTime(b.PushedAt).Compare(aws.ToTime(a.PushedAt)), cmp.Compare(a.Digest, b.Digest))
}

// The methods of heap.Interface.

func (k *newest) Len() int           { return len(k.images) }
func (k *newest) Less(i, j int) bool { return newer(k.images[i], k.images[j]) > 0 }
func (k *newest) Swap(i, j int)      { k.images[i], k.images[j] = k.images[j], k.images[i] }
func (k *newest) Push(image any)     { k.images = append(k.images, image.(Image)) }

func (k *newest) Pop() any {
	last := k.images[len(k.images)-1]
	k.images = k.images[:len(k.images)-1]
	return last
}
