package tasks

import (
	"context"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sync/errgroup"

	"envoy-proxy-poc/tasks/image"
)

// BuildOptions are the flags of build:….
type BuildOptions struct {
	Apps      []string // keys of locals.tf's repositories; none for all
	Platforms string   // comma list
	JSON      bool
}

// builtImage is what build:… -json prints of one image.
type builtImage struct {
	App       string   `json:"app"`
	Digest    string   `json:"digest"`
	MediaType string   `json:"mediaType"`
	Platforms []string `json:"platforms"`
	SizeBytes int64    `json:"sizeBytes"`
	Layout    string   `json:"layout"`
}

// Build builds images into OCI layouts below dist/ and prints their digests. It talks to no registry and to no AWS.
func Build(ctx context.Context, o BuildOptions) error {
	s, err := open(Account{})
	if err != nil {
		return err
	}
	apps, err := s.apps(o.Apps)
	if err != nil {
		return err
	}
	built, _, err := s.build(ctx, apps, o.Platforms)
	if err != nil {
		return err
	}
	var images []builtImage
	for _, b := range built {
		layout := s.path("dist", b.App)
		if _, err := image.WriteLayout(layout, b); err != nil {
			return err
		}
		one := builtImage{App: b.App, Digest: b.Digest.String(), MediaType: string(b.MediaType), SizeBytes: b.Size, Layout: layout}
		for _, platform := range b.Platforms {
			one.Platforms = append(one.Platforms, platform.String())
		}
		images = append(images, one)
		if !o.JSON {
			s.Answer("%s", b.Digest)
		}
	}
	if o.JSON {
		return s.JSON(map[string]any{"images": images})
	}
	return s.Err()
}

// build compiles the apps side by side. The revision is what their sources are.
func (s *session) build(ctx context.Context, apps []string, platforms string) ([]image.Built, image.Revision, error) {
	wanted, err := image.ParsePlatforms(platforms)
	if err != nil {
		return nil, image.Revision{}, err
	}
	revision, err := image.Head(ctx, s.root, os.Environ(), "go.mod", "go.sum", "apps")
	if err != nil {
		return nil, revision, err
	}
	if revision.Commit == "" {
		s.Warn("images get no tag of a commit: %s", revision.Reason)
	}
	built := make([]image.Built, len(apps))
	group, ctx := errgroup.WithContext(ctx)
	for i, app := range apps {
		s.Say("building %s", app)
		group.Go(func() (err error) {
			built[i], err = image.Build(ctx, image.Source{
				App: app, Root: s.root, Env: withoutMage(os.Environ()), Platforms: wanted, Revision: revision, URL: s.SourceURL, Log: s.Story(),
			})
			return err
		})
	}
	return built, revision, group.Wait()
}

// apps checks names against locals.tf and the folders of apps/; none is all.
func (s *session) apps(asked []string) ([]string, error) {
	var known []string
	for _, repository := range s.Repositories {
		known = append(known, repository.App)
	}
	if asked == nil {
		return known, image.Check(s.root, known...)
	}
	for _, app := range asked {
		if _, ok := s.repository(app); !ok {
			return nil, fmt.Errorf("unknown app %q: locals.tf has %s", app, strings.Join(known, ", "))
		}
	}
	return asked, image.Check(s.root, asked...)
}

// repository is the name of an app's repository.
func (s *session) repository(app string) (string, bool) {
	for _, repository := range s.Repositories {
		if repository.App == app {
			return repository.Name, true
		}
	}
	return "", false
}
