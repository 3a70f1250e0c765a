package images

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/image"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// latest is the tag that others follow.
const latest = "latest"

// refuseDirty keeps latest, in CI, from an image that is not a commit's, unless -tag names the tags. Nobody reads the
// warning there.
func (p *PlannedPush) refuseDirty() error {
	revision := p.build.source.Revision
	moves := func(to destination) bool { return to.registry != nil && to.movable(latest) }
	if !revision.Dirty || p.explicit != nil || p.options.DryRun || session.Local || !p.session.InCI() ||
		!slices.ContainsFunc(p.to, moves) {
		return nil
	}
	return hint.Add(errors.New("in CI, latest does not move to an image that is not a commit's"),
		"%s: commit it or take it away; or name the tags yourself: -tag=latest", revision.Why)
}

// sayLatest says from what to what a push moved latest, or why it did not.
func (p *PlannedPush) sayLatest(ctx context.Context, i int, r image.Result) {
	app, to := p.build.built[i].App, p.to[i]
	switch {
	case r.Err != nil:
	case p.explicit == nil && !to.movable(latest):
		at, _ := to.registry.At(ctx, latest) // without it, the line is right all the same
		points := map[bool]string{true: ", and points at " + console.ShortDigest(at)}[at != ""]
		if at != r.Digest.String() {
			p.Say("%s: latest does not move%s: the repository lets no tag move", app, points)
		}
	case r.Before != "":
		now, _ := p.build.built[i].Origin()
		before := taggedImage{App: app, Tag: latest, Digest: r.Digest.String(), Before: r.Before}
		from, doubts := before.compare(ctx, p.session, to.registry, now)
		moves := map[bool]string{true: "would move", false: "moved"}[p.options.DryRun]
		p.Say("%s: latest %s from %s to %s", app, moves, named(before.Before, from), named(before.Digest, now))
		undo := map[bool]string{false: "; to undo that: " + before.wayBack()}[p.options.DryRun]
		if len(doubts) > 0 {
			p.Warn("%s: the new latest %s%s", app, strings.Join(doubts, " and "), undo)
		}
	}
}

// compare reads what the image says of itself that the tag pointed at, and finds reasons against the new one. An image
// that cannot be read says nothing.
func (t taggedImage) compare(ctx context.Context, s *session.Session, to *image.Destination, now image.Origin) (
	from image.Origin, doubts []string,
) {
	from, _ = to.Origin(ctx, t.Before)
	return from, now.Doubts(ctx, from, s.Project.Root, os.Environ())
}

func named(digest string, origin image.Origin) string {
	if origin.Revision == "" {
		return console.ShortDigest(digest)
	}
	return fmt.Sprintf("%s (commit %s)", console.ShortDigest(digest), console.ShortCommit(origin.Revision))
}

func (t taggedImage) wayBack() string {
	return menu.Typed("tag:image", t.App, t.Before, t.Tag)
}
