package image

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"golang.org/x/sync/errgroup"
)

// copyJobs is how many blobs of an image are copied at once: most of its time is waiting for two registries. ECR lets 100
// uploads begin in a second (https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html).
const copyJobs = 4 * parallel

// copied is what a [Built] is made of that another repository has: the image with the images that an index lists, the
// artifacts that refer to any of these (signatures, SBOMs), and the artifacts that refer to artifacts.
type copied struct {
	from, to    *Destination
	ctx         context.Context // of the layers: the registry client reads them without one
	mu          sync.Mutex
	manifests   map[v1.Hash]*original
	named       map[string]v1.Hash // artifacts by their tags
	lackingTags []string           // those of the tags that are not there
	kept        []string           // tags that point at something else there
}

// namedKinds end the tags that say in themselves what the artifact behind them belongs to: cosign 2 writes no subject into
// signatures, but names them sha256-….sig.
var namedKinds = []string{"sig", "att", "sbom"}

type original struct {
	*remote.Descriptor
	said struct {
		Config            v1.Descriptor
		Layers, Manifests []v1.Descriptor
		Subject           v1.Descriptor
	}
	there bool // in the repository that is copied to
}

// ErrSource is an error of the repository that is copied from, as errors.Is sees it.
var ErrSource = errors.New("the source")

type sourceFault struct{ error }

func (f sourceFault) Unwrap() error     { return f.error }
func (sourceFault) Is(other error) bool { return other == ErrSource }

func ofSource(err error) error {
	if err == nil {
		return nil
	}
	return sourceFault{err}
}

// Copy reads the manifests of an image in from and of all that belongs to it, and asks which of them are in to. A [Push]
// of the result sends the others from registry to registry, and compares the digests. Errors are those of Push, and
// ErrNotThere and ErrSource.
func Copy(ctx context.Context, app string, from, to *Destination, digest string) (Built, error) {
	b, err := copyOf(ctx, app, from, to, digest)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		err = fmt.Errorf("comparing %q of %q with %q: %w", app, from.target.Repository, to.target.Repository, err)
	}
	return b, err
}

func copyOf(ctx context.Context, app string, from, to *Destination, digest string) (Built, error) {
	top, err := v1.NewHash(digest)
	if err != nil {
		return Built{}, err
	}
	shared, _ := paces.LoadOrStore(to.target.Registry, &pace{})
	to.pace = shared.(*pace)
	c := &copied{from: from, to: to, ctx: ctx, manifests: map[v1.Hash]*original{}, named: map[string]v1.Hash{}}
	group, inner := errgroup.WithContext(ctx)
	c.read(inner, group, make(chan struct{}, 2*copyJobs), top)
	if err := group.Wait(); err != nil {
		return Built{}, err
	}
	if err := c.fits(ctx); err != nil {
		return Built{}, err
	}
	b := Built{App: app, Digest: top, Kept: slices.Sorted(slices.Values(c.kept)), copied: c}
	image := c.manifests[top]
	if b.MediaType = image.MediaType; b.MediaType.IsIndex() {
		b.Index, err = image.ImageIndex()
	} else if b.Image, err = image.Image(); err == nil {
		if config, other := b.Image.ConfigFile(); other == nil && config.Platform() != nil { // else no program
			b.Platforms = append(b.Platforms, *config.Platform())
		}
	}
	for _, one := range image.said.Manifests {
		if one.Platform != nil && one.Platform.OS != "unknown" { // an attestation
			b.Platforms = append(b.Platforms, *one.Platform)
		}
	}
	said, _ := annotationsOf(image.Manifest)
	b.Revision.Commit, b.Revision.Dirty = strings.CutSuffix(said[revisionAnnotation], "-dirty")
	named := map[v1.Hash]bool{}
	for _, digest := range c.named {
		named[digest] = digest != top && !slices.ContainsFunc(image.said.Manifests,
			func(one v1.Descriptor) bool { return one.Digest == digest })
	}
	for _, one := range c.manifests {
		if one.said.Subject.Digest != (v1.Hash{}) || named[one.Digest] {
			b.Artifacts++
			continue
		}
		b.Size += one.Size + one.said.Config.Size
		for _, content := range one.said.Layers {
			b.Size += content.Size
		}
	}
	return b, err
}

// read asks for a manifest, for what refers to it and whether it is there, and for whatever these name.
func (c *copied) read(ctx context.Context, group *errgroup.Group, slots chan struct{}, digest v1.Hash) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.manifests[digest] != nil {
		return
	}
	m := &original{}
	c.manifests[digest] = m
	asks := []func() ([]v1.Descriptor, error){
		func() (none []v1.Descriptor, err error) {
			_, m.there, err = c.to.head(ctx, digest.String())
			return none, err
		},
		func() ([]v1.Descriptor, error) {
			next, err := c.from.referrers(ctx, digest)
			return next, ofSource(err)
		},
		func() ([]v1.Descriptor, error) {
			err := m.fetch(c.ctx, c.from, digest)
			return m.said.Manifests, ofSource(err)
		},
	}
	for _, kind := range namedKinds {
		asks = append(asks, func() ([]v1.Descriptor, error) {
			return c.name(ctx, strings.Replace(digest.String(), ":", "-", 1)+"."+kind)
		})
	}
	for _, ask := range asks {
		group.Go(func() error {
			slots <- struct{}{}
			next, err := ask()
			for try := 1; errors.Is(err, io.ErrUnexpectedEOF) && try < patience.Steps; try++ {
				next, err = ask() // [patient] does not see an answer that breaks off
			}
			<-slots
			for _, one := range next {
				c.read(ctx, group, slots, one.Digest)
			}
			return err
		})
	}
}

func (m *original) fetch(ctx context.Context, from *Destination, digest v1.Hash) error {
	err := from.renewing(ctx, func() (err error) {
		m.Descriptor, err = from.puller.Get(ctx, from.ref(digest.String()))
		return err
	})
	if err == nil {
		err = json.Unmarshal(m.Manifest, &m.said)
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", digest, notThere(explain(err)))
	}
	return nil
}

// name looks for an artifact by its tag. Another one that has the tag there is kept: it may hold signatures that were made
// there.
func (c *copied) name(ctx context.Context, tag string) ([]v1.Descriptor, error) {
	digest, found, err := c.from.head(ctx, tag)
	if err != nil || !found {
		return nil, ofSource(err)
	}
	there, taken, err := c.to.head(ctx, tag)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err != nil:
		return nil, err
	case taken && there != digest:
		c.kept = append(c.kept, tag)
		return nil, nil
	case !taken:
		c.lackingTags = append(c.lackingTags, tag)
	}
	c.named[tag] = digest
	return []v1.Descriptor{{Digest: digest}}, nil
}
