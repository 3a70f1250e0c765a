package image

import (
	"context"
	"fmt"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"
)

// lacking is how many manifests and artifacts' tags are not there yet.
func (c *copied) lacking() int {
	n := len(c.lackingTags)
	for _, m := range c.manifests {
		if !m.there {
			n++
		}
	}
	return n
}

// origin is where a layer can be mounted from; nil for nowhere.
func (c *copied) origin() *Destination {
	if c == nil || c.from.target.Registry != c.to.target.Registry {
		return nil
	}
	return c.from
}

// blobs are the layers and configs of the manifests that are to be sent, each once.
func (c *copied) blobs() ([]v1.Layer, error) {
	var blobs []v1.Layer
	seen := map[v1.Hash]bool{{}: true} // an index has no config
	for _, m := range c.manifests {
		for _, one := range append(m.said.Layers, m.said.Config) {
			if m.there || seen[one.Digest] {
				continue
			}
			seen[one.Digest] = true
			content, err := c.from.puller.Layer(c.ctx, c.from.repo.Digest(one.Digest.String()))
			if err != nil {
				return nil, err
			}
			blobs = append(blobs, sourced{content, one.Size})
		}
	}
	return blobs, nil
}

// sourced is a layer or config that is read from its repository while it is sent. The registry client would ask for its
// size once more.
type sourced struct {
	v1.Layer
	size int64
}

func (s sourced) Size() (int64, error) { return s.size, nil }

// put writes the manifests, each after those that it names, asks for each, and writes the artifacts' tags. No digest is in
// a manifest that it names itself, so none waits for ever.
func (c *copied) put(ctx context.Context) error {
	puts, digests := map[v1.Hash]func() error{}, []string{}
	for digest, m := range c.manifests {
		digests = append(digests, digest.String())
		puts[digest] = sync.OnceValue(func() error {
			var group errgroup.Group
			for _, one := range append(m.said.Manifests, m.said.Subject) {
				if before, found := puts[one.Digest]; found {
					group.Go(before)
				}
			}
			if err := group.Wait(); err != nil || m.there {
				return err
			}
			return c.to.put(ctx, digest.String(), m.Descriptor)
		})
	}
	var group errgroup.Group
	for _, write := range puts {
		group.Go(write)
	}
	if err := group.Wait(); err != nil {
		return err
	}
	at, err := c.to.look(ctx, digests)
	for _, digest := range digests {
		if err == nil && at[digest].String() != digest {
			err = fmt.Errorf("after the copy, %s is %s in the registry", digest, at[digest])
		}
	}
	for _, tag := range c.lackingTags {
		if err == nil {
			err = c.tag(ctx, tag)
		}
	}
	return err
}

// tag writes the tag of an artifact, unless somebody there was faster.
func (c *copied) tag(ctx context.Context, tag string) error {
	digest := c.named[tag]
	at, taken, err := c.to.head(ctx, tag)
	switch {
	case err != nil:
		return err
	case taken && at != digest:
		return fmt.Errorf("tag %q has just been given to another artifact there: the next run keeps that", tag)
	}
	_, err = c.to.tag(ctx, tag, c.manifests[digest].Descriptor, digest)
	return err
}
