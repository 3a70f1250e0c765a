package images

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/image"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// PromoteOptions are the flags of promote:….
type PromoteOptions struct {
	To     string       // the environment to copy into. Required.
	Tags   string       // comma list; empty for the word that names the image, where that is a tag
	Gate   session.Gate // over the scan in the environment that is copied from
	DryRun bool         // ask both sides, write nothing
	JSON   bool
}

// Promote copies an image of each app, of all apps without one, into another environment, by digest and with all that
// refers to it, and prints the references there. from names the image as [ecr.Choose] takes it. Both environments are
// asked for what may be refused before anything is sent. The tags are written last: all, or none; a signature's own tag
// (sha256-….sig) is written with the signature.
func Promote(ctx context.Context, asked []string, from string, o PromoteOptions) error {
	tags, err := image.ParseTags(o.Tags)
	if o.To == "" {
		err = errors.Join(err, errors.New("the flag -to=NAME is missing: want the environment to promote to"))
	}
	if err := session.Mistake(errors.Join(err, image.CheckSelector(from))); err != nil {
		return err
	}
	if err := o.Gate.Check(); err != nil {
		return err
	}
	target := "promote:all"
	if asked != nil {
		target = "promote:image " + menu.Quote(asked[0])
	}
	target += " " + menu.Quote(from) + " " + menu.Quote("-to="+o.To)
	return session.WithSignals(ctx, session.Talk(), func(ctx context.Context) error {
		here, there, err := session.Sides(ctx, o.To, target)
		if err != nil {
			return err
		}
		apps, err := chooseApps(here, asked, "")
		if err != nil {
			return err
		}
		p := &PlannedPush{
			Console: here.Console, session: there, explicit: tags, build: &plannedBuild{Console: here.Console, apps: apps},
			options: PushOptions{Build: BuildOptions{JSON: o.JSON}, Gate: o.Gate, DryRun: o.DryRun},
		}
		return p.promote(ctx, here, from)
	})
}

// promote pushes what it finds at the side here.
func (p *PlannedPush) promote(ctx context.Context, here *session.Session, from string) error {
	apps := p.build.apps
	for _, app := range apps {
		if p.session.Repository(app) == "" {
			return hint.Add(fmt.Errorf("environment %s has no image %q", p.session.Settings.Name, app),
				"add it to the repositories of that environment in locals.tf")
		}
	}
	sources, found, err := p.ask(ctx, here, from)
	if err != nil {
		return err
	}
	isTag := !slices.ContainsFunc(found, func(one *ecr.Image) bool { return !slices.Contains(one.Tags, from) })
	switch {
	case p.explicit == nil && isTag:
		p.explicit = []string{from}
	case p.explicit == nil:
		return session.Mistake(fmt.Errorf("%q is no tag: name the tags to write: -tag=NAME", from))
	}
	if err := p.compare(ctx, here, sources, found); err != nil {
		return err
	}
	refused := p.refuseBy(ctx, here, sources, found)
	if refused != nil && !p.options.Build.JSON {
		return refused
	}
	p.options.DryRun = p.options.DryRun || refused != nil // then for the document alone
	return errors.Join(refused, p.there(func() error { return p.Send(ctx) }))
}

// there has hints name the environment that is copied to.
func (p *PlannedPush) there(do func() error) error {
	before := menu.Command
	defer func() { menu.Command = before }()
	front, _, _ := strings.Cut(before, " env ")
	menu.Command = front + " env " + p.session.Settings.Name
	return do()
}

// ask connects to both environments at once, and finds the images here.
func (p *PlannedPush) ask(ctx context.Context, here *session.Session, from string) (
	sources []destination, found []*ecr.Image, err error,
) {
	var other error
	var both sync.WaitGroup
	connecting, stop := context.WithCancel(ctx)
	both.Go(func() { other = p.Connect(connecting) })
	if sources, err = connect(ctx, here, p.build.apps); err == nil {
		found, err = find(ctx, here, sources, p.build.apps, from)
	}
	if err != nil {
		stop()
	}
	both.Wait()
	stop()
	if err == nil && other != nil { // it is asked again, for the hint that names the other environment
		err = p.there(func() error { return p.Connect(ctx) })
	}
	return sources, found, err
}

// compare asks the other environment what it lacks, and whether it takes the tags.
func (p *PlannedPush) compare(ctx context.Context, here *session.Session, sources []destination, found []*ecr.Image) error {
	p.build.built, p.at = make([]image.Built, len(found)), make([]map[string]v1.Hash, len(found))
	var faults []error
	_ = p.there(func() error {
		faults = session.Each(p.build.apps, func(i int, app string) error {
			return p.compareOne(ctx, i, app, sources[i], found[i].Digest)
		})
		return nil
	})
	for i, fault := range faults {
		if errors.Is(fault, image.ErrSource) {
			faults[i] = explainRegistry(here.AWS, fault)
		}
	}
	return errors.Join(faults...)
}

func (p *PlannedPush) compareOne(ctx context.Context, i int, app string, from destination, digest string) error {
	to := p.to[i]
	var group errgroup.Group
	var mu sync.Mutex
	p.at[i] = map[string]v1.Hash{}
	for _, tag := range p.explicit {
		group.Go(func() error {
			before, err := to.before(ctx, p.session, tag, digest)
			if before != "" {
				mu.Lock()
				defer mu.Unlock()
				p.at[i][tag], _ = v1.NewHash(before) // it was one
			}
			return err
		})
	}
	group.Go(func() (err error) {
		p.build.built[i], err = image.Copy(ctx, app, from.registry, to.registry, digest)
		if errors.Is(err, image.ErrSource) {
			return err
		}
		return explainRegistry(p.session.AWS, err)
	})
	if err := group.Wait(); err != nil {
		return err
	}
	p.Say("%s: %s, artifacts that go with it: %d", app, console.ShortDigest(digest), p.build.built[i].Artifacts)
	for _, tag := range p.build.built[i].Kept {
		p.Warn("%s: %s is another artifact in environment %s, and is kept; to have the one from here, delete that first: "+
			"aws ecr batch-delete-image --repository-name %s --image-ids imageTag=%s", app, tag, p.session.Settings.Name,
			p.session.Repository(app), tag)
	}
	return nil
}

// refuseBy asks the gate about the scans in the environment that is copied from.
func (p *PlannedPush) refuseBy(ctx context.Context, here *session.Session, sources []destination, found []*ecr.Image,
) error {
	gate := p.options.Gate
	p.options.Gate, p.judged = session.Gate{}, make([]*gated, len(found)) // a push would ask after it has sent
	if gate.FailOn == "" {
		return nil
	}
	p.at = nil // the wait for a scan can be long: the tags are asked for again
	return errors.Join(session.Each(p.build.apps, func(i int, app string) error {
		p.judged[i] = &gated{new(false), ecr.Counts{}}
		if _, err := judge(ctx, here, gate, sources[i], app, found[i].Digest, p.judged[i]); err != nil {
			return fmt.Errorf("%s: nothing was promoted: %w", app, err)
		}
		return nil
	})...)
}
