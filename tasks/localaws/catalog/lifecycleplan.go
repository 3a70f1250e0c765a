package catalog

import "slices"

// plan turns marks into what can be done about them, in an order in which it can be done.
//
// An image that an index names can go only after the index has (aws/containers-roadmap #2613), so indexes come before their children, and
// children of an index that stays are left out. Artifacts that refer to an image follow it: ECR promises that within
// 24 hours.
func plan(marks []Mark, images []Image) []Mark {
	p := planner{
		byDigest: map[string]*Image{}, indexes: map[string][]string{}, referrers: map[string][]string{},
		marks: map[string]Mark{}, going: map[string]bool{},
	}
	for i := range images {
		img := &images[i]
		p.byDigest[img.Digest] = img
		for _, child := range img.Children {
			p.indexes[child] = append(p.indexes[child], img.Digest)
		}
		if img.Subject != "" {
			p.referrers[img.Subject] = append(p.referrers[img.Subject], img.Digest)
		}
	}
	for _, mark := range marks {
		p.marks[mark.Image.Digest] = mark
	}
	for _, mark := range marks {
		p.add(mark)
	}
	for i := 0; i < len(p.out); i++ { // grows on the way: artifacts have artifacts
		p.follow(p.out[i])
	}
	return p.out
}

type planner struct {
	byDigest  map[string]*Image
	indexes   map[string][]string // the indexes that name a digest
	referrers map[string][]string // the images whose subject a digest is
	marks     map[string]Mark
	going     map[string]bool // whether an image is in out, for those of which it is known
	out       []Mark
}

// add plans a mark, behind those of the indexes that name the image, and reports whether it can be done. It ends: a
// digest cannot name itself, over however many indexes.
func (p *planner) add(mark Mark) bool {
	digest := mark.Image.Digest
	if going, known := p.going[digest]; known {
		return going
	}
	kept := slices.ContainsFunc(p.indexes[digest], func(index string) bool { return p.keeps(index, mark) })
	p.going[digest] = !kept
	if !kept {
		p.out = append(p.out, mark)
	}
	return !kept
}

// keeps reports whether an index keeps its child in place.
func (p *planner) keeps(index string, child Mark) bool {
	if !child.Expire && p.byDigest[index].Status != Active {
		return false
	}
	mark, marked := p.marks[index]
	return !marked || child.Expire && !mark.Expire || !p.add(mark)
}

// follow plans the same for the artifacts of an image as for the image.
func (p *planner) follow(mark Mark) {
	for _, digest := range p.referrers[mark.Image.Digest] {
		if img := p.byDigest[digest]; !p.going[digest] && (mark.Expire || img.Status == Active) {
			delete(p.going, digest) // what its own rule could not do
			p.add(Mark{img, mark.Priority, mark.Expire})
		}
	}
}
