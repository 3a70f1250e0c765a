package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/image"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// ReferenceOptions are the flags of ecr:images.
type ReferenceOptions struct {
	Tag    string // a tag, or the first digits of a commit or a digest
	Format string // lines, json or kustomize
	Repo   string // one repository only; empty for all
}

// deployable is what ecr:images -format=json prints of one image.
type deployable struct {
	App       string   `json:"app"`
	Reference string   `json:"reference"`
	Digest    string   `json:"digest"`
	Tags      []string `json:"tags"`
}

// References prints the images behind a tag by their digests, for programs that deploy them. If one is missing, it prints
// nothing: a part would be deployed as if it were all.
func References(ctx context.Context, flags session.Where, o ReferenceOptions) error {
	if err := image.CheckSelector(o.Tag); err != nil {
		return session.Mistake(fmt.Errorf("-tag: %w", err))
	}
	if !slices.Contains([]string{"lines", "json", "kustomize"}, o.Format) {
		return session.Mistake(fmt.Errorf("-format=%s: want lines, json or kustomize", o.Format))
	}
	opened, err := session.Open(flags)
	if err != nil {
		return err
	}
	s, err := selectFrom(ctx, opened, o.Repo)
	if err != nil {
		return err
	}
	images, err := s.deployables(ctx, opened, o.Tag)
	switch {
	case err != nil:
		return err
	case o.Format == "json":
		return s.JSON(map[string]any{"images": images})
	case o.Format == "kustomize":
		s.Answer("images:")
	}
	for _, one := range images {
		if o.Format == "lines" {
			s.Answer("%s", one.Reference)
			continue
		}
		name, _, _ := strings.Cut(one.Reference, "@")
		s.Answer("- name: %q", one.App)
		s.Answer("  newName: %q", name)
		s.Answer("  digest: %q", one.Digest)
	}
	return s.Err()
}

func (s *selection) deployables(ctx context.Context, opened *session.Session, tag string) ([]deployable, error) {
	images := make([]deployable, len(s.names))
	faults := session.Each(s.names, func(i int, name string) (err error) {
		images[i], err = s.deployable(ctx, name, tag)
		for _, repository := range opened.Settings.Repositories {
			if repository.Name == name {
				images[i].App = repository.App
			}
		}
		return err
	})
	var missing, absent []string
	for i, name := range s.names {
		switch {
		case ecr.Missing(faults[i]):
			missing, faults[i] = append(missing, name), nil
		case errors.Is(faults[i], ecr.ErrNoImage):
			absent, faults[i] = append(absent, name), nil
		}
	}
	return images, errors.Join(session.Missing(ctx, s.aws, missing),
		session.NoImage(tag, absent, "; give an image that tag: "+menu.Typed("tag:image", "NAME", "FROM", tag)),
		s.aws.Explain(session.Distinct(faults)))
}

func (s *selection) deployable(ctx context.Context, name, tag string) (deployable, error) {
	found, err := ecr.Find(ctx, s.client, name)
	if err != nil {
		return deployable{}, err
	}
	chosen, err := ecr.Choose(ctx, s.client, name, tag)
	if err != nil {
		return deployable{}, session.Several(err, name)
	}
	return deployable{Reference: found.URI + "@" + chosen.Digest, Digest: chosen.Digest, Tags: chosen.Tags}, nil
}
