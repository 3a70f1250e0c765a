package image

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"envoy-proxy-poc/tasks/internal/again"
)

// oneTry keeps the registry client from trying again by itself: it would multiply the tries of [patient], and sleep
// through an interrupt.
var oneTry = remote.Backoff{Steps: 1}

// pusher is the registry client's, but that it begins an upload anew where [patient] cannot repeat a request.
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
		if sleep(ctx, wait) != nil {
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
		return outOfSession(answer) || slices.Contains(passing, answer.StatusCode) && !repeated(answer)
	case errors.As(err, &broken):
		return (broken.Op == "Patch" || broken.Op == "Put") && passes(nil, err)
	}
	return false
}

func repeated(answer *transport.Error) bool {
	return answer.Request != nil && repeatable(answer.Request, &http.Response{StatusCode: answer.StatusCode})
}

// outOfSession says whether the registry has lost, or closed, the session of an upload.
func outOfSession(answer *transport.Error) bool {
	return hasCode(answer, transport.BlobUploadUnknownErrorCode) || hasCode(answer, transport.BlobUploadInvalidErrorCode)
}
