package image

import (
	"context"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"golang.org/x/sync/errgroup"
)

// upload is one image on its way into a repository.
type upload struct {
	to    *Destination
	image Built
	meter *meter
	from  func(context.Context, v1.Hash) *Destination // where a blob can be mounted from; nil for nowhere
}

func newUpload(j Job, from func(context.Context, v1.Hash) *Destination) (*upload, error) {
	blobs, err := j.Image.blobs()
	if err != nil {
		return nil, err
	}
	m, err := newMeter(j.Image.App, blobs, j.Progress)
	return &upload{to: j.To, image: j.Image, meter: m, from: from}, err
}

// run sends what the image needs before its own manifest can be written: layers and configs, each only if the
// repository does not have it, then the images of an index.
func (u *upload) run(ctx context.Context) error {
	defer u.meter.close()
	if err := u.contents(ctx); err != nil || u.image.Index == nil {
		return err
	}
	return u.children(ctx)
}

// contents sends the blobs side by side.
func (u *upload) contents(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	slots := make(chan struct{}, parallel)
	for _, blob := range u.meter.blobs {
		group.Go(func() error {
			source := u.from(ctx, blob.digest) // a wait for another job keeps no other blob waiting
			slots <- struct{}{}
			defer func() { <-slots }()
			return u.send(ctx, blob, source)
		})
	}
	return group.Wait()
}

// send uploads a blob, or mounts it from where another job of this push has put it.
func (u *upload) send(ctx context.Context, blob *metered, source *Destination) error {
	var content v1.Layer = blob
	if source != nil {
		content = &remote.MountableLayer{Layer: content, Reference: source.repo.Digest(blob.digest.String())}
	}
	err := u.to.renewing(ctx, func() error { return u.to.pusher.Upload(ctx, u.to.repo, content) })
	if err != nil {
		return fmt.Errorf("uploading %s: %w", blob.digest, explain(err))
	}
	blob.finish()
	return nil
}

// children writes the images of an index that are not there yet, by digest.
func (u *upload) children(ctx context.Context) error {
	images, err := u.image.images()
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, img := range images {
		group.Go(func() error {
			digest, err := img.Digest()
			if err != nil {
				return err
			}
			_, there, err := u.to.head(ctx, digest.String())
			if err == nil && !there {
				err = u.to.put(ctx, digest.String(), img)
			}
			if err != nil {
				return fmt.Errorf("writing the image for %s: %w", u.image.Platforms[i], err)
			}
			return nil
		})
	}
	return group.Wait()
}
