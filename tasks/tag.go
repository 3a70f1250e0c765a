package tasks

import (
	"context"
	"errors"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/image"
)

// taggedImage is what tag:… -json prints.
type taggedImage struct {
	App       string `json:"app"`
	Reference string `json:"reference"`
	Digest    string `json:"digest"`
	Tag       string `json:"tag"`
	Written   bool   `json:"written"` // false when the tag pointed there already
}

// Tag points the tag to at the image that from, a tag or a digest, stands for in the app's repository, and prints its digest
// reference. Nothing is pulled but the manifest.
func Tag(ctx context.Context, app, from, to string, asJSON bool) error {
	s, err := open(Account{})
	if err != nil {
		return err
	}
	apps, err := s.apps([]string{app})
	if err != nil {
		return err
	}
	if err := image.CheckRetag(from, to); err != nil {
		return err
	}
	return withSignals(ctx, s.Console, func(ctx context.Context) error {
		p := &plannedPush{plannedBuild: &plannedBuild{session: s, apps: apps}}
		if err := p.reachAll(ctx, false); err != nil {
			return err
		}
		result, err := image.Retag(ctx, p.destinations[0].Destination, from, to)
		if errors.Is(err, image.ErrTagImmutable) {
			return hint.Add(err, "choose another tag than %q: in this repository none that is taken moves", to)
		}
		if err != nil {
			return s.explainRegistry(err)
		}
		return s.tagged(taggedImage{App: app, Reference: result.Reference, Digest: result.Digest.String(), Tag: to, Written: len(result.Written) > 0}, asJSON)
	})
}

func (s *session) tagged(t taggedImage, asJSON bool) error {
	if asJSON {
		return s.JSON(t)
	}
	if t.Written {
		s.Say("%s: %s points at %s", t.App, t.Tag, shortDigest(t.Digest))
	} else {
		s.Say("%s: %s points at %s already, nothing written", t.App, t.Tag, shortDigest(t.Digest))
	}
	s.Answer("%s", t.Reference)
	return s.Err()
}
