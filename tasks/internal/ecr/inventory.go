package ecr

import (
	"context"
	"fmt"
	"slices"
)

// Inventory is all that a repository holds, archived images too.
type Inventory struct {
	Members []*Member // newest first
	Unread  []Failure // indexes without a manifest from ECR, such as archived ones; what they list is not known
}

// Member is one manifest of a repository: an image, an index, or something that refers to one.
type Member struct {
	Image
	Children  []Child   // of an index, in its order; those that are not in the repository too
	Parents   []*Member // the indexes that list it
	Referrers []*Member // what refers to it: signatures, attestations, lists of contents
	refers    bool      // its own subject is in the repository
	revision  string    // of an index: the commit that its manifest names
}

// Top reports whether a member belongs to no other: no index lists it, and it refers to nothing in the repository.
func (m *Member) Top() bool { return len(m.Parents) == 0 && !m.refers }

// TakeInventory lists a repository and reads the manifests of its indexes, which ECR counts as a pull of the index.
// Each image takes about half a kilobyte of memory.
func TakeInventory(ctx context.Context, api *Client, repository string, listed func(int)) (*Inventory, error) {
	inventory := &Inventory{}
	byDigest := map[string]*Member{}
	var indexes []string
	err := eachImage(ctx, api, repository, func(image Image) {
		if listed != nil {
			listed(1)
		}
		member := &Member{Image: image}
		if byDigest[member.Digest] != nil { // a page that was asked for twice
			return
		}
		byDigest[member.Digest] = member
		inventory.Members = append(inventory.Members, member)
		if isIndex(member.MediaType) {
			indexes = append(indexes, member.Digest)
		}
	})
	if err != nil {
		return nil, err
	}
	read, unread, err := readIndexes(ctx, api, repository, indexes)
	if err != nil {
		return nil, fmt.Errorf("reading the indexes of %q: %w", repository, err)
	}
	inventory.Unread = unread
	for _, member := range inventory.Members {
		member.revision = read[member.Digest].revision
		member.join(byDigest, read[member.Digest].children)
	}
	slices.SortFunc(inventory.Members, func(a, b *Member) int { return newer(a.Image, b.Image) })
	return inventory, nil
}

func (m *Member) join(byDigest map[string]*Member, children []Child) {
	m.Children = children
	for _, child := range children {
		if there := byDigest[child.Digest]; there != nil && there != m {
			there.Parents = append(there.Parents, m)
		}
	}
	if subject := byDigest[m.Subject]; m.Subject != "" && subject != nil && subject != m {
		m.refers = true
		subject.Referrers = append(subject.Referrers, m)
	}
}
