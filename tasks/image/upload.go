package image

import (
	"context"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"
)

// upload sends what the image needs before its own manifest can be written: layers and configs, each only if the
// repository does not have it, then the images of an index. It returns the bytes of the blobs that were sent.
func (s *session) upload(ctx context.Context, b Built, progress func(done, total int64)) (int64, error) {
	blobs, err := b.blobs()
	if err != nil {
		return 0, err
	}
	m, err := newMeter(blobs, progress)
	if err != nil {
		return 0, err
	}
	defer m.close()
	if err := s.uploadBlobs(ctx, blobs, m); err != nil {
		return m.sentBytes(), err
	}
	if b.Index == nil {
		return m.sentBytes(), nil
	}
	return m.sentBytes(), s.pushChildren(ctx, b)
}

func (s *session) uploadBlobs(ctx context.Context, blobs []v1.Layer, m *meter) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(jobs)
	for _, blob := range blobs {
		group.Go(func() error {
			digest, err := blob.Digest()
			if err != nil {
				return err
			}
			if err := s.pusher.Upload(ctx, s.repo, metered{Layer: blob, digest: digest, meter: m}); err != nil {
				return fmt.Errorf("uploading %s: %w", digest, explain(err))
			}
			m.finish(digest)
			return nil
		})
	}
	return group.Wait()
}

// pushChildren writes the images of an index by digest. Their blobs are known to the pusher as written.
func (s *session) pushChildren(ctx context.Context, b Built) error {
	images, err := b.images()
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(jobs)
	for i, img := range images {
		group.Go(func() error {
			digest, err := img.Digest()
			if err != nil {
				return err
			}
			if err := s.pusher.Push(ctx, s.repo.Digest(digest.String()), img); err != nil {
				return fmt.Errorf("writing the image for %s: %w", b.Platforms[i], explain(err))
			}
			return nil
		})
	}
	return group.Wait()
}
