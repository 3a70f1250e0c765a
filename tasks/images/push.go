package images

import (
	"context"
	"errors"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/image"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// PushOptions are the flags of push:… and of ship.
type PushOptions struct {
	Build  BuildOptions
	Tags   string       // comma list; empty for the commit, latest and a timestamp
	SBOM   bool         // attach a list of what each image is made of
	Gate   session.Gate // its Strict also refuses sources that are not those of a commit
	DryRun bool         // build and look, write nothing
}

// pushedImage is what push:… -json prints of one image.
type pushedImage struct {
	described
	Reference string   `json:"reference"`
	New       bool     `json:"new"`                    // the repository did not have it
	Written   []string `json:"written"`                // tags that were written
	Unchanged []string `json:"unchanged"`              // tags that pointed at it already
	Before    string   `json:"latestBefore,omitempty"` // the digest that latest moved away from
	SentBytes int64    `json:"sentBytes"`
	Seconds   float64  `json:"seconds"` // of the push; the build is not in it
	DryRun    bool     `json:"dryRun,omitempty"`
	SBOM      string   `json:"sbom,omitempty"`      // digest of the attached list
	Artifacts int      `json:"artifacts,omitempty"` // that were copied with a promoted image, such as SBOMs and signatures
	*gated
}

// Push builds images, pushes what the repositories do not have yet, and prints a digest reference a line.
func Push(ctx context.Context, o PushOptions) error {
	s, err := session.Open(session.Where{})
	if err != nil {
		return err
	}
	p, err := PlanPush(ctx, s, o)
	if err != nil {
		return err
	}
	return session.WithSignals(ctx, s.Console, func(ctx context.Context) error {
		if err := p.Preflight(ctx); err != nil {
			return err
		}
		if err := p.Build(ctx); err != nil {
			return err
		}
		return p.Send(ctx)
	})
}

// PlannedPush is a push that is checked and not finished. Its steps are, in this order: [PlannedPush.Preflight],
// [PlannedPush.Build] and [PlannedPush.Send].
type PlannedPush struct {
	*console.Console
	session  *session.Session
	build    *plannedBuild
	options  PushOptions
	explicit []string // tags of -tag
	now      time.Time
	to       []destination // of the apps, in their order
	// Of a promotion, asked before anything is sent:
	judged []*gated             // nil for one that was not
	at     []map[string]v1.Hash // the digests of the tags that exist
}

// PlanPush checks the options of a push and compares the sources with their commit; it asks neither AWS
// nor the registry.
func PlanPush(ctx context.Context, s *session.Session, o PushOptions) (*PlannedPush, error) {
	explicit, err := image.ParseTags(o.Tags)
	if err != nil {
		return nil, session.Mistake(err)
	}
	if err := o.Gate.Check(); err != nil {
		return nil, err
	}
	b, err := planBuild(ctx, s, o.Build)
	if err != nil {
		return nil, err
	}
	b.strict = o.Gate.Strict
	if err := b.insist(); err != nil {
		return nil, err
	}
	return &PlannedPush{Console: s.Console, session: s, build: b, options: o, explicit: explicit, now: time.Now()}, nil
}

// Build builds the images to push.
func (p *PlannedPush) Build(ctx context.Context) error {
	err := p.build.run(ctx)
	if err == nil {
		p.build.warnNoCommit()
	}
	return err
}

// Send pushes the built images, all at once, and prints the references of those that were pushed.
func (p *PlannedPush) Send(ctx context.Context) error {
	if err := p.refuseDirty(); err != nil { // sources that changed since, and repositories that are new
		return err
	}
	bars := p.Bars()
	judged := p.judged
	if judged == nil {
		judged = make([]*gated, len(p.build.built))
	}
	attached := make([]image.Attached, len(judged))
	jobs := make([]image.Job, len(judged))
	for i := range jobs {
		jobs[i] = p.job(i, bars, judged, attached)
	}
	results, err := image.Push(ctx, jobs)
	bars.Done()
	err = explainRegistry(p.session.AWS, err)
	images := []pushedImage{}
	for i, result := range results {
		if result.Err != nil && judged[i] == nil {
			continue
		}
		one := p.pushed(i, result)
		p.sayLatest(ctx, i, result)
		one.gated = judged[i]
		if p.options.SBOM && !p.options.DryRun {
			one.SBOM = p.attached(i, attached[i])
		}
		images = append(images, one)
		if !p.options.Build.JSON && result.Err == nil {
			p.Answer("%s", one.Reference)
		}
	}
	if p.options.Build.JSON { // also if another image failed
		err = errors.Join(err, p.JSON(map[string]any{"images": images}))
	}
	p.summarise(images)
	if err = errors.Join(p.Err(), err); err == nil {
		p.session.Summarise(menu.Typed("ecr:status") + "; after you change the code: " + menu.Typed("push:all"))
	}
	return err
}

// job is the push of one image. It notes what the gate finds in judged, and the SBOM in attached.
func (p *PlannedPush) job(i int, bars *console.Bars, judged []*gated, attached []image.Attached) image.Job {
	built := p.build.built[i]
	job := image.Job{
		To: p.to[i].registry, Image: built, Tags: p.tags(i), DryRun: p.options.DryRun, Movable: p.to[i].movable,
		Progress: func(at image.Progress) {
			bars.Set(at.App+at.Blob.String(), at.App+" "+console.ShortDigest(at.Blob.String()), at.Done, at.Total)
		},
	}
	if p.at != nil {
		job.At = p.at[i]
	}
	if p.options.Gate.FailOn != "" {
		job.Gate = func(ctx context.Context) ([]string, error) {
			judged[i] = &gated{new(false), ecr.Counts{}}
			return judge(ctx, p.session, p.options.Gate, p.to[i], built.App, built.Digest.String(), judged[i])
		}
	}
	if p.options.SBOM {
		job.Complete = func(ctx context.Context) (err error) {
			attached[i], err = image.Attach(ctx, p.to[i].registry, built)
			return err
		}
	}
	return job
}

func (p *PlannedPush) pushed(i int, r image.Result) pushedImage {
	b := p.build.built[i]
	switch would := map[bool]string{true: "would be "}[p.options.DryRun]; {
	case r.New && p.options.DryRun:
		p.Say("%s: would be pushed; tags %s", b.App, console.List(r.Written))
	case r.New:
		p.Say("%s: pushed, %s sent; tags %s", b.App, console.Bytes(r.Bytes), console.List(r.Written))
	case len(r.Written) > 0 || r.Err != nil:
		p.Say("%s: already there, nothing %ssent; tags %swritten: %s", b.App, would, would, console.List(r.Written))
	default:
		p.Say("%s: already there with all its tags, nothing %ssent", b.App, would)
	}
	written, unchanged := append([]string{}, r.Written...), append([]string{}, r.Unchanged...) // [] in JSON, not null
	if r.New && !p.options.DryRun {
		session.Did("images", "%s %s in %s", b.App, console.Bytes(b.Size), r.Took.Round(time.Millisecond))
	}
	return pushedImage{
		described: describe(b, append(unchanged, written...)), Reference: r.Reference, New: r.New,
		Written: written, Unchanged: unchanged, Before: r.Before,
		SentBytes: r.Bytes, Seconds: r.Took.Seconds(), DryRun: p.options.DryRun, Artifacts: b.Artifacts,
	}
}

// attached says what became of an image's SBOM, and is its digest. If the registry takes no referrers, it only warns.
func (p *PlannedPush) attached(i int, a image.Attached) string {
	switch {
	case a.Refused != nil:
		p.Warn("%s: pushed without its SBOM: %v", p.build.built[i].App, a.Refused)
		return ""
	case a.New:
		p.Say("%s: SBOM attached: %s", p.build.built[i].App, a.Digest)
	}
	return a.Digest.String()
}
