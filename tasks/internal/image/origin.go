package image

import (
	"context"
	"errors"
	"os/exec"
	"regexp"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Origin is what an image says of itself. What it does not say is empty.
type Origin struct {
	Revision  string // its commit, with -dirty behind it where the sources were not the commit's
	Platforms []string
	created   string // the commit's time, in UTC
}

// Origin reads what an image in the repository says of itself.
func (d *Destination) Origin(ctx context.Context, digest string) (o Origin, err error) {
	err = d.renewing(ctx, func() error {
		found, err := d.puller.Get(ctx, d.ref(digest))
		if err != nil {
			return err
		}
		var b Built
		if found.MediaType.IsIndex() {
			b.Index, err = found.ImageIndex()
		} else {
			b.Image, err = found.Image()
		}
		if err == nil {
			o, err = b.Origin()
		}
		return err
	})
	return o, explain(err)
}

// Origin is what the image says of itself.
func (b Built) Origin() (o Origin, err error) {
	var said map[string]string
	var platforms []*v1.Platform
	if b.Index != nil {
		manifest, err := b.Index.IndexManifest()
		if err != nil {
			return o, err
		}
		said = manifest.Annotations
		for _, one := range manifest.Manifests {
			platforms = append(platforms, one.Platform)
		}
	} else {
		config, err := b.Image.ConfigFile()
		if err != nil {
			return o, err
		}
		said, platforms = config.Config.Labels, append(platforms, config.Platform())
	}
	o.Revision, o.created = said[revisionAnnotation], createdAt(said)
	for _, p := range platforms {
		if p == nil || p.OS == "unknown" { // an attestation
			continue
		}
		plain, _ := normalize(*p)
		o.Platforms = append(o.Platforms, plain.String())
	}
	return o, nil
}

// commitForm keeps what a label says from becoming a flag of git's.
var commitForm = regexp.MustCompile(`^[0-9a-f]{40,64}$`)

// Doubts are the reasons why a tag that others follow should perhaps not have moved here from another image. dir and
// env are for git, which knows whether a commit is older; else the times of the commits tell.
func (o Origin) Doubts(ctx context.Context, from Origin, dir string, env []string) []string {
	var doubts []string
	commit, dirty := strings.CutSuffix(o.Revision, "-dirty")
	if dirty {
		doubts = append(doubts, "is -dirty")
	}
	lacks := slices.DeleteFunc(slices.Clone(from.Platforms),
		func(p string) bool { return slices.Contains(o.Platforms, p) })
	if len(lacks) > 0 && len(o.Platforms) > 0 {
		doubts = append(doubts, "lacks "+strings.Join(lacks, ", "))
	}
	before, _ := strings.CutSuffix(from.Revision, "-dirty")
	older := o.created < from.created && o.created != ""
	if commitForm.MatchString(commit) && commitForm.MatchString(before) {
		older = older && commit != before
		g := git{dir: dir, env: append(gitEnv(env), "GIT_NO_LAZY_FETCH=1")}
		_, err := g.run(ctx, "merge-base", "--is-ancestor", commit, before)
		if exit, said := errors.AsType[*exec.ExitError](err); err == nil || said && exit.ExitCode() == 1 {
			older = err == nil && commit != before
		}
	}
	if older {
		doubts = append(doubts, "is of an older commit")
	}
	return doubts
}
