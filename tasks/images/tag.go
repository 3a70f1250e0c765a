package images

import (
	"context"
	"errors"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/image"
	"envoy-proxy-poc/tasks/session"
)

// taggedImage is what tag:… -json prints.
type taggedImage struct {
	App       string `json:"app"`
	Reference string `json:"reference"`
	Digest    string `json:"digest"`
	Tag       string `json:"tag"`
	Written   bool   `json:"written"` // false when the tag pointed there already
}

// Tag points the tag to at an image in the app's repository and prints its digest reference. from is a tag or a digest
// of the image. Only the manifest is pulled.
func Tag(ctx context.Context, app, from, to string, asJSON bool) error {
	s, err := session.Open(session.Where{})
	if err != nil {
		return err
	}
	apps, err := chooseApps(s, []string{app})
	if err != nil {
		return err
	}
	if err := image.CheckRetag(from, to); err != nil {
		return err
	}
	return session.WithSignals(ctx, s.Console, func(ctx context.Context) error {
		all, err := connect(ctx, s, apps)
		if err != nil {
			return err
		}
		result, err := image.Retag(ctx, all[0].registry, from, to)
		if errors.Is(err, image.ErrTagImmutable) {
			return hint.Add(err, "choose another tag than %q: in this repository none that is taken moves", to)
		}
		if err != nil {
			return explainRegistry(s.AWS, err)
		}
		return showTagged(s.Console, taggedImage{
			App: app, Reference: result.Reference, Digest: result.Digest.String(), Tag: to, Written: len(result.Written) > 0,
		}, asJSON)
	})
}

func showTagged(c *console.Console, t taggedImage, asJSON bool) error {
	if asJSON {
		return c.JSON(t)
	}
	already := " already, nothing written"
	if t.Written {
		already = ""
	}
	c.Say("%s: %s points at %s%s", t.App, t.Tag, console.ShortDigest(t.Digest), already)
	c.Answer("%s", t.Reference)
	return c.Err()
}
