package image

import (
	"context"

	"envoy-proxy-poc/tasks/internal/hint"
)

// explain makes a failed docker command an error that shows what the builder said last, and what to do where that is
// known.
func (e engine) explain(ctx context.Context, err error, said []string) error {
	shown := withWords(ctx, err, lastWords(said))
	if ctx.Err() != nil {
		return shown
	}
	if failedOnBase(said) {
		return hint.Add(shown,
			"set GO_IMAGE to a base image with Go that can be had here, or build with -engine=native, which needs none")
	}
	if e.builder == fleet {
		return shown
	}
	if _, gone := e.ask(ctx, e.docker, "version"); gone != nil {
		return hint.Add(shown,
			"the engine does not answer any more: start it and build again, or build with -engine=native, which needs none")
	}
	return shown
}
