package tasks

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"envoy-proxy-poc/tasks/console"
	"envoy-proxy-poc/tasks/ecr"
	"envoy-proxy-poc/tasks/image"
)

// PushOptions are the flags of push:….
type PushOptions struct {
	Apps      []string // keys of locals.tf's repositories; none for all
	Tags      *string  // comma list; nil for the commit, latest and a timestamp
	Platforms string   // comma list
	JSON      bool
}

// pushedImage is what push:… -json prints of one image.
type pushedImage struct {
	App       string   `json:"app"`
	Reference string   `json:"reference"`
	Digest    string   `json:"digest"`
	New       bool     `json:"new"`       // the repository did not have it
	Written   []string `json:"written"`   // tags that were written
	Unchanged []string `json:"unchanged"` // tags that pointed at it already
	SentBytes int64    `json:"sentBytes"`
}

// Push builds images, pushes what the repositories do not have yet, and prints a digest reference a line. Whether the
// repositories are there and the registry takes the credential is asked before anything is built.
func Push(ctx context.Context, o PushOptions) error {
	s, err := open(Account{})
	if err != nil {
		return err
	}
	apps, err := s.apps(o.Apps)
	if err != nil {
		return err
	}
	explicit, err := o.tags()
	if err != nil {
		return err
	}
	targets, err := s.targets(ctx, apps)
	if err != nil {
		return s.explain(err)
	}
	built, revision, err := s.build(ctx, apps, o.Platforms)
	if err != nil {
		return err
	}
	chosen := image.ChooseTags(revision, time.Now(), explicit)
	pushed := []pushedImage{}
	for i, b := range built {
		var one pushedImage
		if one, err = s.push(ctx, targets[i], b, chosen); err != nil {
			break
		}
		pushed = append(pushed, one)
		if !o.JSON {
			s.Answer("%s", one.Reference)
		}
	}
	if o.JSON { // of those that were pushed before one failed, too
		err = errors.Join(err, s.JSON(map[string]any{"images": pushed}))
	}
	return errors.Join(err, s.Err())
}

// tags reads -tag. An empty one is a script's empty variable, not the wish for the default tags.
func (o PushOptions) tags() ([]string, error) {
	if o.Tags == nil {
		return nil, nil
	}
	if *o.Tags == "" {
		return nil, fmt.Errorf("-tag is empty: want tags, separated by commas, or no -tag")
	}
	return image.ParseTags(*o.Tags)
}

// targets finds each app's repository and one fresh credential for all, which stays in memory.
func (s *session) targets(ctx context.Context, apps []string) ([]image.Target, error) {
	client, err := s.ecr(ctx)
	if err != nil {
		return nil, err
	}
	credential, err := ecr.Token(ctx, client)
	if err != nil {
		return nil, err
	}
	auth := authn.FromConfig(authn.AuthConfig{Username: credential.Username, Password: credential.Password})
	var targets []image.Target
	for _, app := range apps {
		name, _ := s.repository(app)
		uri, err := ecr.URI(ctx, client, name)
		if ecr.Missing(err) {
			err = console.Hint(fmt.Errorf("pushing %q: repository %q does not exist in %s", app, name, s.Region), "create it: %s", typed("deploy"))
		}
		if err != nil {
			return nil, err
		}
		registry, repository, _ := strings.Cut(uri, "/")
		targets = append(targets, image.Target{Registry: registry, Repository: repository, Auth: auth})
	}
	return targets, nil
}

func (s *session) push(ctx context.Context, target image.Target, b image.Built, chosen image.Tags) (pushedImage, error) {
	bar := s.Progress("pushing " + b.App)
	result, err := image.Push(ctx, target, b, chosen, image.Options{Progress: bar.Set})
	bar.Done()
	if err != nil {
		return pushedImage{}, err
	}
	if result.New {
		s.Say("%s: pushed, %s sent; tags %s", b.App, console.Bytes(result.Bytes), tags(result.Written))
	} else if len(result.Written) > 0 {
		s.Say("%s: already there, nothing sent; tags written: %s", b.App, tags(result.Written))
	} else {
		s.Say("%s: already there with all its tags, nothing sent", b.App)
	}
	return pushedImage{
		App: b.App, Reference: result.Reference, Digest: result.Digest.String(), New: result.New,
		Written: notNil(result.Written), Unchanged: notNil(result.Unchanged), SentBytes: result.Bytes,
	}, nil
}

// notNil makes an empty list [] in JSON, not null.
func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
