package image

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"golang.org/x/sync/errgroup"
)

// Copy is one image to be copied into another repository, with all that belongs to it: the images that an index lists,
// the artifacts that refer to any of these (signatures, SBOMs), and the artifacts that refer to artifacts.
type Copy struct {
	App       string
	From, To  *Destination
	Digest    v1.Hash
	Tags      []string              // to write in To
	Movable   func(tag string) bool // whether a tag of To that exists may move
	Progress  func(Progress)        // as that of a [Job]
	Result    Result                // of [Copy.Plan] what has to be done, of [SendCopies] what was done
	Artifacts int                   // how many refer to the image
	Lacking   int                   // how many manifests To lacked, or lacks

	mu        sync.Mutex
	manifests map[v1.Hash]*copied
}

// copied is one manifest of a copy.
type copied struct {
	original *remote.Descriptor
	parsed   struct {
		Config            v1.Descriptor
		Layers, Manifests []v1.Descriptor
		Subject           v1.Descriptor
	}
	referrers []v1.Descriptor
	there     bool // in the repository that is copied to
}

// Plan reads the manifests and asks To which it lacks; it writes nothing. Errors are those of [Push], and ErrNotThere.
func (c *Copy) Plan(ctx context.Context) error {
	c.manifests, c.Artifacts, c.Lacking = map[v1.Hash]*copied{}, 0, 0
	c.Result = Result{Reference: c.To.repo.Digest(c.Digest.String()).String(), Digest: c.Digest}
	group, inner := errgroup.WithContext(ctx)
	c.read(inner, group, make(chan struct{}, 2*parallel), c.Digest)
	err := group.Wait()
	if err == nil {
		job := Job{To: c.To, Image: Built{Digest: c.Digest}, Tags: Tags{Fixed: c.Tags}, Movable: c.Movable}
		c.Result.Written, err = job.decide(ctx, &c.Result)
	}
	for _, m := range c.manifests {
		if m.parsed.Subject.Digest != (v1.Hash{}) {
			c.Artifacts++
		}
		if !m.there {
			c.Lacking++
		}
	}
	return c.named(ctx, err, nil)
}

// read asks for a manifest, for what refers to it and whether it is there, and for whatever these name.
func (c *Copy) read(ctx context.Context, group *errgroup.Group, slots chan struct{}, digest v1.Hash) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.manifests[digest] != nil {
		return
	}
	m := &copied{}
	c.manifests[digest] = m
	for _, ask := range []func() ([]v1.Descriptor, error){
		func() (_ []v1.Descriptor, err error) {
			_, m.there, err = c.To.head(ctx, digest.String())
			return nil, err
		},
		func() (_ []v1.Descriptor, err error) {
			m.referrers, err = c.From.referrers(ctx, digest)
			return m.referrers, err
		},
		func() ([]v1.Descriptor, error) {
			err := m.fetch(ctx, c.From, digest)
			return m.parsed.Manifests, err
		},
	} {
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

func (m *copied) fetch(ctx context.Context, from *Destination, digest v1.Hash) error {
	err := from.renewing(ctx, func() (err error) {
		m.original, err = from.puller.Get(ctx, from.ref(digest.String()))
		return err
	})
	if err == nil {
		err = json.Unmarshal(m.original.Manifest, &m.parsed)
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", digest, notThere(explain(err)))
	}
	return nil
}

// SendCopies sends what the repositories lack, all copies side by side, and compares the digests. When all are there, it
// writes the tags. After an interrupt, the next Plan finds what is there.
func SendCopies(ctx context.Context, copies []*Copy) error {
	var group sync.WaitGroup
	shared := &pace{}
	results := make([]Result, len(copies))
	each := func(do func(*Copy, context.Context) error) error {
		for i, c := range copies {
			group.Go(func() {
				c.Result.Err = do(c, ctx)
				results[i] = c.Result
			})
		}
		group.Wait()
		return errorsOf(results)
	}
	for _, c := range copies {
		c.To.pace = shared // all are of one account
		c.Result.waiting, c.Result.Written = c.Result.Written, nil
	}
	if err := each((*Copy).send); err != nil {
		for _, c := range copies {
			c.Result.Err = cmp.Or(c.Result.Err, err) // no tag of any is written
		}
		return err
	}
	return each((*Copy).tag)
}

func (c *Copy) send(ctx context.Context) error {
	began := time.Now()
	defer func() { c.Result.Took = time.Since(began) }()
	blobs, err := c.blobs(ctx)
	if err != nil {
		return c.named(ctx, err, nil)
	}
	counted, err := newMeter(c.App, blobs, c.Progress)
	if err != nil {
		return c.named(ctx, err, nil)
	}
	sending := &upload{to: c.To, meter: counted, from: func(context.Context, v1.Hash) *Destination {
		if c.From.target.Registry == c.To.target.Registry {
			return c.From
		}
		return nil
	}}
	err = sending.contents(ctx)
	counted.close()
	_, _, c.Result.Bytes = counted.count()
	if err == nil {
		err = c.put(ctx)
	}
	if err == nil {
		err = c.prove(ctx)
	}
	return c.named(ctx, err, sending)
}

// blobs are the layers and configs of the manifests that are to be sent, each once.
func (c *Copy) blobs(ctx context.Context) ([]v1.Layer, error) {
	var blobs []v1.Layer
	seen := map[v1.Hash]bool{{}: true} // an index has no config
	for _, m := range c.manifests {
		for _, one := range append(m.parsed.Layers, m.parsed.Config) {
			if m.there || seen[one.Digest] {
				continue
			}
			seen[one.Digest] = true
			layer, err := c.From.puller.Layer(ctx, c.From.repo.Digest(one.Digest.String()))
			if err != nil {
				return nil, err
			}
			blobs = append(blobs, sourced{layer, one.Size})
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

// put writes the manifests, each after those that it names. No digest names itself, so none waits for ever.
func (c *Copy) put(ctx context.Context) error {
	puts := map[v1.Hash]func() error{}
	for digest, m := range c.manifests {
		puts[digest] = sync.OnceValue(func() error {
			var group errgroup.Group
			for _, one := range append(m.parsed.Manifests, m.parsed.Subject) {
				if before, found := puts[one.Digest]; found {
					group.Go(before)
				}
			}
			if err := group.Wait(); err != nil || m.there {
				return err
			}
			return c.To.put(ctx, digest.String(), fetched{m.original})
		})
	}
	var group errgroup.Group
	for _, put := range puts {
		group.Go(put)
	}
	return group.Wait()
}

// prove asks for every manifest by its digest.
func (c *Copy) prove(ctx context.Context) error {
	want := map[string]v1.Hash{}
	for digest := range c.manifests {
		want[digest.String()] = digest
	}
	return c.compare(ctx, want)
}

// tag writes the tags, and asks what they point at.
func (c *Copy) tag(ctx context.Context) error {
	err := c.To.tagAll(ctx, fetched{c.manifests[c.Digest].original}, c.Result.waiting, &c.Result)
	want := map[string]v1.Hash{}
	for _, tag := range c.Tags {
		want[tag] = c.Digest
	}
	if err == nil {
		err = c.compare(ctx, want)
	}
	return c.named(ctx, err, nil)
}

// compare compares what the names stand for in the repository with what they are to stand for.
func (c *Copy) compare(ctx context.Context, want map[string]v1.Hash) error {
	at, err := c.To.look(ctx, slices.Collect(maps.Keys(want)))
	for name, digest := range want {
		if err == nil && at[name] != digest {
			err = fmt.Errorf("after the copy, %q is %s in the registry, not %s", name, at[name], digest)
		}
	}
	return err
}

func (c *Copy) named(ctx context.Context, err error, sending *upload) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("copying %q from %q to %q: %w", c.App, c.From.target.Repository, c.To.target.Repository,
		missing(ctx, err, sending, c.Result.waiting, c.Result.Written))
}

// pace lets ten manifests a second into a registry, which is ECR's quota of PutImage for an account and region:
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html. A nil pace does not wait.
type pace struct {
	mu    sync.Mutex
	begun [10]time.Time
	next  int
}

func (p *pace) wait(ctx context.Context) error {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	at := p.begun[p.next].Add(time.Second)
	if now := time.Now(); at.Before(now) {
		at = now
	}
	p.begun[p.next], p.next = at, (p.next+1)%len(p.begun)
	p.mu.Unlock()
	return sleep(ctx, time.Until(at))
}
