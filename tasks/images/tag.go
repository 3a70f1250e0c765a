package images

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/image"
	"envoy-proxy-poc/tasks/session"
)

// taggedImage is what tag:… -json prints of one image.
type taggedImage struct {
	App       string   `json:"app"`
	Reference string   `json:"reference"`
	Digest    string   `json:"digest"`
	Tags      []string `json:"tags"` // that point at it now
	Tag       string   `json:"tag"`
	Before    string   `json:"before,omitempty"` // the digest that the tag pointed at
	Written   bool     `json:"written"`          // false when the tag pointed there already
}

// Tag points the tag to at an image in the repository of each app, of all apps without one, and prints digest
// references. from names the image as [ecr.Choose] takes it. Only manifests are pulled. It moves all tags or none.
func Tag(ctx context.Context, asked []string, from, to string, asJSON bool) error {
	s, err := session.Open(session.Where{})
	if err != nil {
		return err
	}
	apps, err := chooseApps(s, asked, "")
	if err != nil {
		return err
	}
	if err := image.CheckRetag(from, to); err != nil {
		return session.Mistake(err)
	}
	return session.WithSignals(ctx, s.Console, func(ctx context.Context) error {
		moves, err := planMoves(ctx, s, apps, from, to)
		if err != nil {
			return err
		}
		if err := moveAll(ctx, s, moves); err != nil {
			return err
		}
		return showMoves(ctx, s, moves, asked == nil, asJSON)
	})
}

// move is a tag that is to point at an image.
type move struct {
	image taggedImage
	to    *image.Destination
}

// planMoves finds the images, and refuses what cannot be done in every repository before a tag moves in any.
func planMoves(ctx context.Context, s *session.Session, apps []string, from, to string) ([]move, error) {
	all, err := connect(ctx, s, apps)
	if err != nil {
		return nil, err
	}
	found, err := find(ctx, s, all, apps, from)
	if err != nil {
		return nil, err
	}
	moves := make([]move, len(apps))
	faults := session.Each(apps, func(i int, app string) (err error) {
		one := taggedImage{App: app, Digest: found[i].Digest, Tag: to}
		one.Tags = slices.Compact(slices.Sorted(slices.Values(append(found[i].Tags, to))))
		one.Before, err = all[i].before(ctx, s, to, one.Digest)
		moves[i] = move{one, all[i].registry}
		return err
	})
	return moves, session.Distinct(faults)
}

// before is the digest that a tag points at. It is an error if the tag is to point at another and does not move.
func (d destination) before(ctx context.Context, s *session.Session, tag, digest string) (string, error) {
	at, err := d.registry.At(ctx, tag)
	if err != nil {
		return "", explainRegistry(s.AWS, err)
	}
	if at != "" && at != digest && !d.movable(tag) {
		_, name, _ := strings.Cut(d.found.URI, "/")
		err = immovable(fmt.Errorf("tag %q of %q points at %s: %w", tag, name, at, image.ErrTagImmutable), tag)
	}
	return at, err
}

// find finds the image that word names, as [ecr.Choose] takes it, in the repository of each app.
func find(ctx context.Context, s *session.Session, all []destination, apps []string, word string) (
	[]*ecr.Image, error,
) {
	found, absent := make([]*ecr.Image, len(apps)), make([]string, len(apps))
	faults := session.Each(apps, func(i int, app string) (err error) {
		name := s.Repository(app)
		found[i], err = ecr.Choose(ctx, all[i].client, name, word)
		switch {
		case errors.Is(err, ecr.ErrNoImage):
			absent[i] = name
			return nil
		case err != nil:
			return s.AWS.Explain(session.Several(err, name))
		}
		return nil
	})
	absent = slices.DeleteFunc(absent, func(name string) bool { return name == "" })
	return found, errors.Join(session.Distinct(faults), session.NoImage(word, absent, ""))
}

func immovable(err error, tag string) error {
	return hint.Add(err, "choose another tag than %q: in this repository none that is taken moves", tag)
}

// moveAll moves every tag. Where one does not move, those that did are put back.
func moveAll(ctx context.Context, s *session.Session, moves []move) error {
	for i := range moves {
		one := &moves[i].image
		result, err := image.Retag(ctx, moves[i].to, one.Digest, one.Tag)
		if errors.Is(err, image.ErrTagImmutable) { // the repository was made immutable a moment ago
			err = immovable(err, one.Tag)
		}
		if err != nil {
			putBack(context.WithoutCancel(ctx), s, moves[:i])
			return explainRegistry(s.AWS, err)
		}
		one.Reference, one.Written = result.Reference, len(result.Written) > 0
	}
	return nil
}

// putBack undoes moves. A tag that was new is kept, since the registry protocol deletes none.
func putBack(ctx context.Context, s *session.Session, moves []move) {
	for _, made := range moves {
		one := made.image
		switch {
		case !one.Written:
		case one.Before == "":
			s.Warn("%s: the tag %s is new, and points at %s", one.App, one.Tag, console.ShortDigest(one.Digest))
		default:
			if _, err := image.Retag(ctx, made.to, one.Before, one.Tag); err != nil {
				s.Warn("%s: %s points at %s, not back at %s: %v; put it back: %s", one.App, one.Tag,
					console.ShortDigest(one.Digest), console.ShortDigest(one.Before), err, one.wayBack())
				continue
			}
			s.Say("%s: %s points at %s again", one.App, one.Tag, console.ShortDigest(one.Before))
		}
	}
}

func showMoves(ctx context.Context, s *session.Session, moves []move, list, asJSON bool) error {
	images := make([]taggedImage, len(moves))
	for i, made := range moves {
		images[i] = made.image
		sayMove(ctx, s, made)
		if !asJSON {
			s.Answer("%s", made.image.Reference)
		}
	}
	switch {
	case asJSON && list:
		return s.JSON(map[string]any{"images": images})
	case asJSON:
		return s.JSON(images[0])
	}
	return s.Err()
}

// sayMove says what was done with a tag. Of latest it also says the commits, and warns.
func sayMove(ctx context.Context, s *session.Session, made move) {
	one, before, now := made.image, image.Origin{}, image.Origin{}
	var doubts []string
	if one.Tag == latest && one.Written && one.Before != "" {
		now, _ = made.to.Origin(ctx, one.Digest)
		before, doubts = one.compare(ctx, s, made.to, now)
	}
	switch {
	case !one.Written:
		s.Say("%s: %s points at %s already, nothing written", one.App, one.Tag, console.ShortDigest(one.Digest))
	case one.Before == "":
		s.Say("%s: %s points at %s", one.App, one.Tag, console.ShortDigest(one.Digest))
	default:
		s.Say("%s: %s points at %s, before at %s; to undo that: %s", one.App, one.Tag,
			named(one.Digest, now), named(one.Before, before), one.wayBack())
	}
	if len(doubts) > 0 {
		s.Warn("%s: the new latest %s", one.App, strings.Join(doubts, " and "))
	}
}
