package ecr

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"golang.org/x/sync/errgroup"
)

const (
	batchSize = 100 // the most images that ECR takes in one call
	parallel  = 4   // manifests' batches under way at once
	// passes is how often a cleanup goes through a repository: each nesting of indexes takes one pass at most.
	passes = 20
	grace  = 3 * time.Second // for the answer to a batch that was sent when ctx ended
)

type sweep struct {
	api        *Client
	repository string
	approved   map[string]int64 // what may be deleted, with when it was pushed; nil for all
	progress   func(done, total int)
	window     *window

	mu       sync.Mutex
	report   Report
	failures []Failure // of this pass
	gone     int       // in all passes, whoever deleted them
	total    int
}

func (s *sweep) run(ctx context.Context, images []Deletion) error {
	for pass := 1; ; pass++ {
		if err := s.pass(ctx, images); err != nil {
			return fmt.Errorf("deleting images of %q: %w", s.repository, err)
		}
		left, kept, err := remaining(ctx, s.api, s.repository, s.approved)
		if err != nil {
			return err
		}
		s.report.Stay = kept
		gone, pushed := difference(images, left)
		s.report.Pushed += pushed
		switch {
		case len(left) == 0:
			return nil
		case gone == 0 && pushed == 0:
			return s.stuck(left)
		case pass == passes:
			return s.remain(left, fmt.Sprintf("after %d passes, while %d were pushed", passes, s.report.Pushed))
		}
		images = left
	}
}

func (s *sweep) pass(ctx context.Context, images []Deletion) error {
	s.failures = nil
	s.total = s.gone + len(images)
	for t := range turns {
		if err := s.wave(ctx, ofTurn(images, t)); err != nil {
			return err
		}
	}
	return nil
}

// wave deletes images in batches, as many at once as the window allows. After an error, no further batch is sent.
func (s *sweep) wave(ctx context.Context, images []Deletion) error {
	group, groupCtx := errgroup.WithContext(ctx)
	for batch := range slices.Chunk(images, batchSize) {
		cuts, err := s.window.enter(groupCtx)
		if err != nil {
			break // below is why
		}
		group.Go(func() error { return s.batch(ctx, batch, cuts) })
	}
	err := group.Wait()
	if ctx.Err() != nil { // a call that is not tried again for that is no failure
		return context.Cause(ctx)
	}
	return err
}

func (s *sweep) batch(ctx context.Context, images []Deletion, cuts int) error {
	ids := make([]types.ImageIdentifier, len(images))
	for i := range images {
		ids[i].ImageDigest = &images[i].Digest // a digest takes all its tags along
	}
	call, cancel := withGrace(ctx)
	defer cancel()
	tries := &tryWatch{window: s.window, cuts: cuts, stop: ctx}
	out, err := s.api.BatchDeleteImage(call, &awsecr.BatchDeleteImageInput{RepositoryName: &s.repository, ImageIds: ids},
		tries.watch)
	s.window.leave(err == nil)
	if err != nil {
		return err
	}
	s.record(images, out.Failures, tries.unsure)
	return nil
}

// record reads the answer to a batch: each image that ECR kept is a failure. (Its ids are no count: an image with three
// tags is there three times.) If the answer to a try was lost, a missing image counts as deleted by it.
func (s *sweep) record(asked []Deletion, failures []types.ImageFailure, unsure bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	deleted := max(0, len(asked)-len(failures))
	for _, failure := range failures {
		switch {
		case failure.FailureCode == types.ImageFailureCodeImageNotFound && unsure:
			deleted++
		case failure.FailureCode == types.ImageFailureCodeImageNotFound:
			s.gone++
			s.report.Vanished++
		default:
			s.failures = append(s.failures, failureOf(failure))
		}
	}
	s.report.Deleted += deleted
	s.gone += deleted
	if s.progress != nil {
		s.progress(s.gone, s.total)
	}
}

// difference says how many images of before are gone, and how many of after were not there.
func difference(before, after []Deletion) (gone, pushed int) {
	old := pushes(before)
	for digest := range pushes(after) {
		if _, left := old[digest]; !left {
			pushed++
		}
		delete(old, digest)
	}
	return len(old), pushed
}

func withGrace(ctx context.Context) (context.Context, context.CancelFunc) {
	call, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return call, func() { stop(); cancel() }
}
