package images

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/image"
	"envoy-proxy-poc/tasks/session"
)

// BuildOptions are the flags of build:….
type BuildOptions struct {
	Apps      []string // keys of locals.tf's repositories; none for all
	Platforms string   // comma list
	Engine    string   // native or docker; empty for each image's own
	Skip      string   // comma list of keys to leave out
	JSON      bool
}

// builtImage is what build:… -json prints of one image.
type builtImage struct {
	described
	Layout  string  `json:"layout"`
	Seconds float64 `json:"seconds"` // of the whole build
}

// described is what build:… and push:… say of an image, in the words of ecr:status.
type described struct {
	App       string   `json:"app"`
	Digest    string   `json:"digest"`
	Tags      []string `json:"tags"` // that point at it now
	Platforms []string `json:"platforms"`
	Revision  string   `json:"revision,omitempty"` // its commit, with -dirty where the sources were not the commit's
	SizeBytes int64    `json:"sizeBytes"`
	MediaType string   `json:"mediaType"`
}

// Build builds images into OCI layouts below dist/ and prints their digests. It talks to no registry and to no AWS.
func Build(ctx context.Context, o BuildOptions) error {
	s, err := session.Open(session.Where{})
	if err != nil {
		return err
	}
	b, err := planBuild(ctx, s, o)
	if err != nil {
		return err
	}
	if err := b.run(ctx); err != nil {
		return err
	}
	b.warnNoCommit()
	images := make([]builtImage, len(b.built))
	for i, built := range b.built {
		layout := s.Project.Path("dist", built.App)
		if err := image.WriteLayout(layout, built); err != nil {
			return err
		}
		images[i] = builtImage{describe(built, []string{}), layout, b.took.Seconds()}
		if !o.JSON {
			s.Say("%s: %s in %s", built.App, console.Bytes(built.Size), layout)
			s.Answer("%s", built.Digest)
		}
	}
	if o.JSON {
		return s.JSON(map[string]any{"images": images})
	}
	return s.Err()
}

// plannedBuild is a build that is checked; run does it.
type plannedBuild struct {
	*console.Console
	apps   []string
	source image.Source
	strict bool          // refuse sources that are not a commit's
	built  []image.Built // of the apps, in their order
	took   time.Duration
}

func planBuild(ctx context.Context, s *session.Session, o BuildOptions) (*plannedBuild, error) {
	apps, err := chooseApps(s, o.Apps, o.Skip)
	if err != nil {
		return nil, err
	}
	platforms, err := image.ParsePlatforms(o.Platforms)
	if err != nil {
		return nil, session.Mistake(err)
	}
	if !slices.Contains([]string{"", "native", "docker"}, o.Engine) {
		return nil, session.Mistake(fmt.Errorf(
			"-engine=%s: want native, which needs no Docker, or docker, which builds the Dockerfiles", o.Engine))
	}
	source := image.Source{
		Apps: apps, Platforms: platforms, URL: s.Settings.SourceURL,
		Root: s.Project.Root, Env: session.WithoutMage(os.Environ()),
		Cache: filepath.Join(s.Project.CacheDir(), "image"), Log: s.Story(),
	}
	if source.Recipes, err = recipes(s, o); err != nil {
		return nil, err
	}
	if err := buildable(ctx, source, o.Apps == nil); err != nil {
		return nil, err
	}
	if source.Revision, err = image.Head(ctx, s.Project.Root, os.Environ()); err != nil {
		return nil, err
	}
	if source, err = image.Judge(ctx, source); err != nil {
		return nil, err
	}
	return &plannedBuild{Console: s.Console, apps: apps, source: source}, nil
}

// insist refuses, where the user asked for it, sources that are not those of a commit.
func (b *plannedBuild) insist() error {
	switch revision := b.source.Revision; {
	case !b.strict:
		return nil
	case revision.Commit == "":
		return hint.Add(fmt.Errorf("-strict: the images would have no commit: %s", revision.Reason), "%s", revision.Remedy)
	case revision.Dirty:
		return hint.Add(fmt.Errorf("-strict: the images would not be those of a commit: %s", revision.Why),
			"commit it or take it away, or leave out -strict: then the tag ends in -dirty")
	}
	return nil
}

// run builds the images. The sources may turn out to have changed in the meantime.
func (b *plannedBuild) run(ctx context.Context) error {
	b.warnDirty()
	done := b.Working("building " + strings.Join(b.apps, " and "))
	began := time.Now()
	var err error
	b.built, err = image.Build(ctx, b.source)
	done()
	if err != nil {
		return err
	}
	b.took = time.Since(began)
	for _, one := range b.built {
		for _, lack := range one.Lacks {
			b.Warn("%s: %s", one.App, lack)
		}
	}
	if b.built[0].Revision.Dirty != b.source.Revision.Dirty {
		b.source.Revision = b.built[0].Revision
		b.warnDirty()
	}
	return b.insist()
}

func (b *plannedBuild) warnDirty() {
	if revision := b.source.Revision; revision.Dirty {
		b.Warn("the images are not those of commit %.12s, and are called -dirty: %s", revision.Commit, revision.Why)
	}
}

// warnNoCommit says that nobody will be able to tell what the images were made of.
func (b *plannedBuild) warnNoCommit() {
	if revision := b.source.Revision; revision.Commit == "" {
		b.Warn("the images have no commit: %s; to have one: %s", revision.Reason, revision.Remedy)
	}
}

func describe(b image.Built, tags []string) described {
	platforms := make([]string, len(b.Platforms))
	for i, platform := range b.Platforms {
		platforms[i] = platform.String()
	}
	return described{b.App, b.Digest.String(), tags, platforms, b.Revision.String(), b.Size, string(b.MediaType)}
}

// chooseApps checks names against locals.tf; none is all but those to skip.
func chooseApps(s *session.Session, asked []string, skip string) ([]string, error) {
	var known []string
	for _, repository := range s.Settings.Repositories {
		known = append(known, repository.App)
	}
	var skipped []string
	if skip != "" {
		skipped = strings.Split(skip, ",")
	}
	for _, app := range slices.Concat(asked, skipped) {
		if !slices.Contains(known, app) {
			return nil, session.Mistake(fmt.Errorf("unknown app %q: locals.tf has %s", app, strings.Join(known, ", ")))
		}
	}
	if asked != nil {
		return asked, nil
	}
	kept := slices.DeleteFunc(known, func(app string) bool { return slices.Contains(skipped, app) })
	if len(kept) == 0 {
		return nil, session.Mistake(fmt.Errorf("-skip=%s leaves no image", skip))
	}
	return kept, nil
}
