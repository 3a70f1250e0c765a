package image

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"envoy-proxy-poc/tasks/console"
)

// manifest is what a tag can point at.
type manifest interface {
	RawManifest() ([]byte, error)
	MediaType() (types.MediaType, error)
}

// tag points one tag at content, which the repository has. False without an error means that somebody else, pushing
// the same at the same time, was faster: an immutable repository refuses a tag even if nothing would change.
func (s *session) tag(ctx context.Context, tag string, content manifest, digest v1.Hash) (bool, error) {
	err := s.put(ctx, tag, content)
	if err == nil {
		return true, nil
	}
	if !immutable(err) {
		return false, err
	}
	at, found, lookErr := s.head(ctx, tag)
	if lookErr != nil || !found {
		return false, err
	}
	if at == digest {
		return false, nil
	}
	return false, fmt.Errorf("tag %q of %q points at %s: %w", tag, s.target.Repository, at, ErrTagImmutable)
}

// immutable says whether a tag was refused because it exists: ECR answers 400 TAG_INVALID, other registries 409 or 412.
func immutable(err error) bool {
	var r *refusal
	if !errors.As(err, &r) {
		return false
	}
	code := r.answer.StatusCode
	return hasCode(r.answer, transport.TagInvalidErrorCode) || code == http.StatusConflict || code == http.StatusPreconditionFailed
}

// hint adds what to type next, where the kind of the error tells. An interrupt is only that, whatever broke of it.
func hint(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, ErrNoRepository):
		return console.Hint(err, "create the repositories first: mage deploy")
	case errors.Is(err, ErrTagImmutable):
		return console.Hint(err, "publish under a tag that is not taken: -tag=NAME")
	case errors.Is(err, errNotThere):
		return console.Hint(err, "see what is there: mage ecr:status")
	}
	return err
}
