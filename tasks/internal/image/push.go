package image

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"
)

// Job is one image to be pushed.
type Job struct {
	To       *Destination // Required.
	Image    Built        // Required.
	Tags     Tags
	At       map[string]v1.Hash // the digests of those of Tags that exist, where the caller has asked; nil for not asked
	Progress func(Progress)     // of layers and configs; never called twice at once for one job, nor after the end. Optional.
	DryRun   bool               // ask the registry, write nothing; the Result says what would have been
	// Complete is called when the image is in the repository, before any tag. Its failure stops all jobs' tags. Optional.
	Complete func(context.Context) error
	// Gate is called when all jobs' images are in their repositories, and this one under its commit's tag. It returns the
	// image's tags. Its failure stops all jobs' other tags. Optional.
	Gate    func(context.Context) ([]string, error)
	Movable func(tag string) bool // whether a tag that exists may move, else it is refused early. Optional.
}

// Progress is how far one layer or config is, in bytes.
type Progress struct {
	App         string
	Blob        v1.Hash
	Done, Total int64
}

// Result is what a push or a retag did, or in a dry run would do.
type Result struct {
	Reference string // registry/repository@sha256:…
	Digest    v1.Hash
	New       bool     // the digest was not in the repository, or not all that belongs to it
	Written   []string // tags, in the order they were written
	Unchanged []string // tags that pointed at the digest already
	Before    string   // the digest that latest moves away from; empty where it does not move
	Bytes     int64    // of the layers and configs that had to be sent; manifests not counted
	Took      time.Duration
	Err       error // why it is not all there; the rest then says how far it came

	waiting []string // tags that are written when all jobs are complete
}

// Push uploads what the repositories do not have yet and points the tags at it, all jobs side by side.
//
// Layers and configs go first, then an index's images, then the image under its tags, latest as the last: at no time
// does a tag point at something incomplete. What several jobs need in one registry is uploaded once and mounted from
// there. One job's failure stops no other, unless a job has a Complete or a Gate, or pushes a [Copy]. The results have
// the order of the jobs; the error joins theirs, which wrap ErrNoRepository, ErrUnauthorized, ErrDenied or
// ErrTagImmutable.
func Push(ctx context.Context, jobs []Job) ([]Result, error) {
	results := make([]Result, len(jobs))
	shared := newShares(jobs)
	began := time.Now()
	var group sync.WaitGroup
	for i, job := range jobs {
		group.Go(func() {
			results[i] = job.push(ctx, shared.of(i))
			results[i].Took = time.Since(began)
			shared.end(i, results[i].Err == nil)
		})
	}
	group.Wait()
	if errorsOf(results) == nil {
		for i, job := range jobs {
			if job.Gate != nil && !job.DryRun {
				group.Go(func() { job.pass(ctx, &results[i]) })
			}
		}
		group.Wait()
	}
	err := errorsOf(results)
	for i, job := range jobs {
		if len(results[i].waiting) > 0 {
			job.finish(ctx, &results[i], results[i].waiting, err)
			results[i].Took = time.Since(began)
		}
	}
	return results, errorsOf(results)
}

func errorsOf(results []Result) error {
	var errs []error
	for _, result := range results {
		errs = append(errs, result.Err)
	}
	return errors.Join(errs...)
}

// pass writes the commit's tag and asks the gate. An image that was refused when it was new gets its time stamp later.
func (j Job) pass(ctx context.Context, r *Result) {
	if at := slices.Index(r.waiting, j.Tags.Commit); at >= 0 {
		r.waiting = slices.Delete(r.waiting, at, at+1)
		if j.finish(ctx, r, []string{j.Tags.Commit}, nil); r.Err != nil {
			return
		}
	}
	tags, err := j.Gate(ctx)
	stamped := slices.ContainsFunc(tags, func(tag string) bool {
		_, other := time.Parse(stampLayout, tag)
		return other == nil
	})
	switch {
	case err != nil:
		r.Err = fmt.Errorf("%s: no tag but the commit's was written: %w", j.Image.App, err)
	case j.Tags.Stamp != "" && !r.New && !stamped:
		r.waiting = append([]string{j.Tags.Stamp}, r.waiting...)
	}
}

// finish writes tags that have waited for all jobs. err is another job's failure.
func (j Job) finish(ctx context.Context, r *Result, tags []string, err error) {
	before := len(r.Written)
	switch {
	case r.Err != nil:
		return
	case err != nil:
		err = errors.New("these tags were not written, because another image failed")
	default:
		err = j.To.tagAll(ctx, j.Image.top(), tags, r)
	}
	if err != nil {
		r.Err = fmt.Errorf("pushing %q to %q: %w", j.Image.App, j.To.target.Repository,
			missing(ctx, err, nil, tags, r.Written[before:]))
	}
}

func (j Job) push(ctx context.Context, from func(context.Context, v1.Hash) *Destination) Result {
	b, d := j.Image, j.To
	r := Result{Reference: d.repo.Digest(b.Digest.String()).String(), Digest: b.Digest}
	write, err := j.decide(ctx, &r)
	if err == nil && j.DryRun {
		r.Written = write
		return r
	}
	var sending *upload
	if err == nil && r.New {
		if sending, err = newUpload(j, from); err == nil {
			err = sending.run(ctx)
			_, _, r.Bytes = sending.meter.count()
		}
	}
	wait := j.waits()
	switch {
	case err != nil:
	case r.New && b.copied == nil && (len(write) == 0 || wait):
		err = d.put(ctx, b.Digest.String(), b.top())
	case !wait:
		err = d.tagAll(ctx, b.top(), write, &r)
	}
	if err == nil && j.Complete != nil {
		err = j.Complete(ctx)
	}
	if err == nil && wait {
		r.waiting = write
	}
	if err != nil {
		r.Err = fmt.Errorf("pushing %q to %q: %w", b.App, d.target.Repository, missing(ctx, err, sending, write, r.Written))
	}
	return r
}

// waits is whether the tags wait for the images of all jobs.
func (j Job) waits() bool { return j.Complete != nil || j.Gate != nil || j.Image.copied != nil }

// decide asks what is there, notes it in r, and says which tags are to be written, in their order.
func (j Job) decide(ctx context.Context, r *Result) ([]string, error) {
	if err := checkTags(j.Tags.all()); err != nil {
		return nil, err
	}
	at, err := j.At, error(nil)
	if at == nil {
		at, err = j.To.look(ctx, j.Tags.Fixed)
	}
	if err != nil {
		return nil, err
	}
	there, err := j.there(ctx, at)
	if err != nil {
		return nil, err
	}
	r.New = !there
	var write []string
	write, r.Unchanged = decide(j.Image.Digest, r.New, at, j.Tags)
	if before, found := at[latest]; found && slices.Contains(write, latest) {
		r.Before = before.String()
	}
	return write, j.immovable(write, at)
}

// there says whether the repository has the image and all that belongs to it. at are the digests of tags.
func (j Job) there(ctx context.Context, at map[string]v1.Hash) (bool, error) {
	if j.Image.copied != nil {
		return j.Image.copied.lacking() == 0, nil
	}
	for _, digest := range at {
		if digest == j.Image.Digest { // the tag proves it
			return true, nil
		}
	}
	_, found, err := j.To.head(ctx, j.Image.Digest.String())
	return found, err
}

func (j Job) immovable(write []string, at map[string]v1.Hash) error {
	var faults []error
	for _, tag := range write {
		if digest, taken := at[tag]; taken && j.Movable != nil && !j.Movable(tag) {
			faults = append(faults, fmt.Errorf("%w: %q is taken by %s", ErrTagImmutable, tag, digest))
		}
	}
	return errors.Join(faults...)
}

func (d *Destination) look(ctx context.Context, tags []string) (map[string]v1.Hash, error) {
	var mu sync.Mutex
	at := map[string]v1.Hash{}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, tag := range tags {
		group.Go(func() error {
			found, ok, err := d.head(ctx, tag)
			if ok {
				mu.Lock()
				defer mu.Unlock()
				at[tag] = found
			}
			return err
		})
	}
	return at, group.Wait()
}
