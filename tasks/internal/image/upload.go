package image

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"golang.org/x/sync/errgroup"

	"envoy-proxy-poc/tasks/internal/again"
)

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

// run sends what the image needs before its own manifest: layers and configs, then the images of an index. Of a copy it
// sends everything.
func (u *upload) run(ctx context.Context) error {
	defer u.meter.close()
	err := u.contents(ctx)
	switch {
	case err != nil:
		return err
	case u.image.copied != nil:
		return u.image.copied.put(ctx)
	case u.image.Index != nil:
		return u.children(ctx)
	}
	return nil
}

func (u *upload) contents(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	slots := make(chan struct{}, parallel)
	if u.image.copied != nil {
		slots = make(chan struct{}, copyJobs)
	}
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

func (u *upload) send(ctx context.Context, blob *metered, source *Destination) error {
	var content v1.Layer = blob
	if source != nil {
		content = &remote.MountableLayer{Layer: content, Reference: source.repo.Digest(blob.digest.String())}
	}
	err := u.to.renewing(ctx, func() error { return u.to.pusher.Upload(ctx, u.to.repo, content) })
	if err != nil {
		return fmt.Errorf("uploading %s: %w", blob.digest, explain(err))
	}
	blob.add(blob.size, true)
	return nil
}

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

// oneTry keeps the registry client from multiplying the tries of [patient], and from sleeping through an interrupt.
var oneTry = remote.Backoff{Steps: 1}

// pusher begins an upload anew where [patient] cannot repeat a request.
type pusher struct {
	*remote.Pusher
	backoff remote.Backoff
	again   again.Teller
}

// Upload sends a blob, each try in a session of its own. A try looks first whether the one before had come to its end.
func (p pusher) Upload(ctx context.Context, to name.Repository, blob v1.Layer) error {
	call := p.again.Begin()
	defer call.End()
	for backoff := p.backoff; ; {
		err := p.Pusher.Upload(ctx, to, blob)
		wait := backoff.Step()
		if err == nil || backoff.Steps <= 0 || !anew(err) {
			return err
		}
		call.Failed(again.Cause("the registry", "an upload to "+to.RepositoryStr(),
			status(err) == http.StatusTooManyRequests, explain(err).Error()), p.backoff.Steps-backoff.Steps+1, p.backoff.Steps)
		if again.Sleep(ctx, wait) != nil {
			return err
		}
	}
}

// anew says whether an upload that failed may go through from its start. What [patient] has repeated in vain may not.
func anew(err error) bool {
	var answer *transport.Error
	var broken *url.Error
	switch {
	case errors.As(err, &answer):
		return hasCode(answer, transport.BlobUploadUnknownErrorCode) ||
			hasCode(answer, transport.BlobUploadInvalidErrorCode) ||
			slices.Contains(passing, answer.StatusCode) && !repeated(answer)
	case errors.As(err, &broken):
		return (broken.Op == "Patch" || broken.Op == "Put") && passes(nil, err)
	}
	return false
}

func repeated(answer *transport.Error) bool {
	return answer.Request != nil && repeatable(answer.Request, &http.Response{StatusCode: answer.StatusCode})
}
