package images

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/image"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// PromoteOptions are the flags of promote:….
type PromoteOptions struct {
	To     string       // the environment. Required.
	Tags   string       // comma list; empty for the name of the image, where that is a tag
	Gate   session.Gate // over the scan in the environment that is copied from
	DryRun bool         // ask both sides, write nothing
	JSON   bool
}

// promotedImage is what promote:… -json prints of one image.
type promotedImage struct {
	App       string   `json:"app"`
	Reference string   `json:"reference"` // in the environment that was copied to
	Digest    string   `json:"digest"`
	Tags      []string `json:"tags"`      // those of this run
	New       bool     `json:"new"`       // the repository did not have it
	Written   []string `json:"written"`   // tags that were written
	Unchanged []string `json:"unchanged"` // tags that pointed at it already
	Before    string   `json:"latestBefore,omitempty"`
	Artifacts int      `json:"artifacts"`     // that refer to it, such as signatures and SBOMs
	Sent      int      `json:"sentManifests"` // of the image and its artifacts
	SentBytes int64    `json:"sentBytes"`
	Seconds   float64  `json:"seconds"`
	DryRun    bool     `json:"dryRun,omitempty"`
	*gated
}

// promotion is a promotion under way. Its lists are in the order of the apps.
type promotion struct {
	*session.Session // of the environment that is copied from
	there            *session.Session
	options          PromoteOptions
	apps             []string
	sources          []destination
	copies           []*image.Copy
	judged           []*gated // nil without a gate
}

// Promote copies an image of each app, of all apps without one, into another environment, by digest and with all that
// refers to it, and prints the references there. from names the image as [ecr.Choose] takes it. Both environments are
// asked whatever may be refused before anything is sent. The tags are written last: all, or none.
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
	return session.WithSignals(ctx, session.Talk(), func(ctx context.Context) error {
		target := "promote:all"
		if asked != nil {
			target = "promote:image " + menu.Quote(asked[0])
		}
		here, there, err := session.Sides(ctx, o.To, target+" "+menu.Quote(from)+" "+menu.Quote("-to="+o.To))
		if err != nil {
			return err
		}
		p := promotion{Session: here, there: there, options: o}
		if err := p.plan(ctx, asked, from, tags); err != nil {
			return err
		}
		bars := p.Bars()
		for _, c := range p.copies {
			c.Progress = func(at image.Progress) {
				bars.Set(at.App+at.Blob.String(), at.App+" "+console.ShortDigest(at.Blob.String()), at.Done, at.Total)
			}
		}
		refused := p.judge(ctx)
		if refused == nil && !o.DryRun {
			err = p.target(func() error { return explainRegistry(there.AWS, image.SendCopies(ctx, p.copies)) })
		}
		bars.Done()
		return errors.Join(refused, err, p.show(refused != nil))
	})
}

// target has hints name the environment that is copied to.
func (p *promotion) target(do func() error) error {
	before := menu.Command
	defer func() { menu.Command = before }()
	front, _, _ := strings.Cut(before, " env ")
	menu.Command = front + " env " + p.there.Settings.Name
	return do()
}

// plan finds the images, and asks both sides what would be refused.
func (p *promotion) plan(ctx context.Context, asked []string, from string, tags []string) (err error) {
	if p.apps, err = chooseApps(p.Session, asked, ""); err != nil {
		return err
	}
	for _, app := range p.apps {
		if _, known := p.there.Repository(app); !known {
			return hint.Add(fmt.Errorf("environment %s has no image %q", p.options.To, app),
				"add it to repositories of that environment in locals.tf")
		}
	}
	if p.sources, err = connect(ctx, p.Session, p.apps); err != nil {
		return err
	}
	var found []*ecr.Image
	if found, err = find(ctx, p.Session, p.sources, p.apps, from); err != nil {
		return err
	}
	return p.target(func() error {
		targets, err := connect(ctx, p.there, p.apps)
		if err != nil {
			return err
		}
		for i, app := range p.apps {
			c := &image.Copy{
				App: app, From: p.sources[i].registry, To: targets[i].registry, Tags: tags, Movable: targets[i].movable,
			}
			if c.Digest, err = v1.NewHash(found[i].Digest); err != nil {
				return err
			}
			if tags == nil && slices.Contains(found[i].Tags, from) {
				c.Tags = []string{from}
			}
			p.copies = append(p.copies, c)
		}
		return session.Each(p.apps, func(i int, _ string) error {
			return explainRegistry(p.there.AWS, p.copies[i].Plan(ctx))
		})
	})
}

// judge asks the gate about all images.
func (p *promotion) judge(ctx context.Context) error {
	p.judged = make([]*gated, len(p.apps))
	if p.options.Gate.FailOn == "" {
		return nil
	}
	return session.Each(p.apps, func(i int, app string) error {
		p.judged[i] = &gated{new(false), ecr.Counts{}}
		_, err := judge(ctx, p.Session, p.options.Gate, p.sources[i], app, p.copies[i].Digest.String(), p.judged[i])
		if err != nil {
			err = fmt.Errorf("%s: nothing was promoted: %w", app, err)
		}
		return err
	})
}

// show says what was done with each image, or would be. Of what a gate refused nothing was.
func (p *promotion) show(refused bool) error {
	images, rows := []promotedImage{}, [][]string{}
	for i, c := range p.copies {
		if refused {
			c.Result.Written, c.Lacking = nil, 0
		}
		if c.Result.Err != nil {
			continue
		}
		one := p.promoted(c)
		one.gated = p.judged[i]
		images = append(images, one)
		rows = append(rows, []string{
			"`" + c.App + "`", "`" + console.ShortDigest(one.Digest) + "`", console.List(one.Written),
			console.Bytes(one.SentBytes), one.gated.String(),
		})
		if !refused {
			p.say(c)
		}
		if !p.options.JSON && !refused {
			p.Answer("%s", one.Reference)
		}
	}
	title := map[bool]string{true: "Would be promoted to ", false: "Promoted to "}[p.options.DryRun] + p.options.To
	p.Project.Summarise(console.Markdown(title, []string{"IMAGE", "DIGEST", "TAGS", "SENT", "SCAN"}, rows))
	if p.options.JSON {
		return p.JSON(map[string]any{"from": p.Settings.Name, "to": p.options.To, "images": images})
	}
	return p.Err()
}

func (p *promotion) promoted(c *image.Copy) promotedImage {
	written, unchanged := append([]string{}, c.Result.Written...), append([]string{}, c.Result.Unchanged...)
	return promotedImage{
		App: c.App, Reference: c.Result.Reference, Digest: c.Digest.String(), Tags: append(unchanged, written...),
		New: c.Result.New, Written: written, Unchanged: unchanged, Before: c.Result.Before, Artifacts: c.Artifacts,
		Sent: c.Lacking, SentBytes: c.Result.Bytes, Seconds: c.Result.Took.Seconds(), DryRun: p.options.DryRun,
	}
}

// say tells of one image.
func (p *promotion) say(c *image.Copy) {
	would := map[bool]string{true: "would be "}[p.options.DryRun]
	switch tags := console.List(c.Result.Written); {
	case c.Lacking > 0:
		p.Say("%s: %scopied: %d manifests (%d artifacts refer to the image), %s sent; tags %s", c.App, would, c.Lacking,
			c.Artifacts, console.Bytes(c.Result.Bytes), tags)
	case len(c.Result.Written) > 0:
		p.Say("%s: already there, nothing %ssent; tags %swritten: %s", c.App, would, would, tags)
	default:
		p.Say("%s: already there with all its tags, nothing %ssent", c.App, would)
	}
	if before := c.Result.Before; before != "" {
		moved := taggedImage{App: c.App, Tag: latest, Before: before}
		_ = p.target(func() error {
			p.Say("%s: latest of %s: %s before; to point it there: %s", c.App, p.options.To,
				console.ShortDigest(before), moved.wayBack())
			return nil
		})
	}
}
