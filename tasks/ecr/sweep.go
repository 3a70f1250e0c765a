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
	parallel  = 4   // batches under way at once
	// grace is how long a batch that was sent may take to be answered after ctx ended: less than the five
	// seconds that Mage gives, enough to know what was deleted.
	grace = 3 * time.Second
)

// sweep is one cleanup under way.
type sweep struct {
	api      CleanupAPI
	report   *Report
	progress func(done, total int)

	mu       sync.Mutex
	failures []Failure // of this pass
	gone     int       // in all passes, whoever deleted them
	total    int
}

// run deletes pass by pass until a listing is empty, or until a pass changes nothing.
func (s *sweep) run(ctx context.Context) error {
	var before []Doomed
	for pass := 0; ; pass++ {
		images, err := doomed(ctx, s.api, s.report.Repository)
		if err != nil {
			return err
		}
		if pass == 0 {
			s.report.count(images)
		}
		if len(images) == 0 {
			s.failures = nil // of an earlier try; all went in the end
			return nil
		}
		if stuck(before, images) {
			return s.remain(images, "no pass deletes them")
		}
		if pass == passes {
			return s.remain(images, fmt.Sprintf("after %d passes: is somebody pushing?", passes))
		}
		if err := s.pass(ctx, images); err != nil {
			return fmt.Errorf("deleting images of %q: %w", s.report.Repository, err)
		}
		before = images
	}
}

func (s *sweep) pass(ctx context.Context, images []Doomed) error {
	s.failures = nil
	s.total = s.gone + len(images)
	for _, wave := range waves(images) {
		if err := s.wave(ctx, wave); err != nil {
			return err
		}
	}
	return nil
}

// wave deletes images in batches, some at once, and returns when all are answered. After an error, or the end
// of ctx, no further batch is sent.
func (s *sweep) wave(ctx context.Context, images []Doomed) error {
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for batch := range slices.Chunk(images, batchSize) {
		group.Go(func() error {
			if groupCtx.Err() != nil {
				return context.Cause(groupCtx)
			}
			return s.batch(ctx, batch)
		})
	}
	return group.Wait()
}

func (s *sweep) batch(ctx context.Context, images []Doomed) error {
	ids := make([]types.ImageIdentifier, len(images))
	for i, image := range images {
		ids[i].ImageDigest = &image.Digest // a digest takes all its tags along
	}
	call, cancel := withGrace(ctx)
	defer cancel()
	out, err := s.api.BatchDeleteImage(call, &awsecr.BatchDeleteImageInput{RepositoryName: &s.report.Repository, ImageIds: ids})
	if Missing(err) { // removed under our hands; the next listing is empty
		return nil
	}
	if err != nil {
		return err
	}
	s.record(len(ids), out.Failures)
	return nil
}

// record reads the answer to a batch. That there was no error says nothing yet: each image that ECR kept is in
// the failures. (The ids it answers with are no count: an image with three tags is there three times.)
func (s *sweep) record(asked int, failures []types.ImageFailure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	deleted := max(0, asked-len(failures))
	s.report.Deleted += deleted
	s.gone += deleted
	for _, failure := range failures {
		if failure.FailureCode == types.ImageFailureCodeImageNotFound { // somebody else was faster
			s.gone++
			continue
		}
		s.failures = append(s.failures, failureOf(failure))
	}
	if s.progress != nil {
		s.progress(s.gone, s.total)
	}
}

// withGrace is ctx, but ends a little later, so that a call that was sent is also answered.
func withGrace(ctx context.Context) (context.Context, context.CancelFunc) {
	call, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return call, func() { stop(); cancel() }
}
