package image

import (
	"context"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// shares knows what the jobs of a push have in common. The first job that needs a blob uploads it; the others mount it,
// once that job's image is there: ECR mounts only what an image uses. A job waits for earlier ones only.
type shares struct {
	jobs  []Job
	first map[string]int  // the first job that needs a blob of a registry
	ended []chan struct{} // closed when the job has ended
	whole []bool          // and its image is there
}

func newShares(jobs []Job) *shares {
	s := &shares{jobs: jobs, first: map[string]int{}, whole: make([]bool, len(jobs))}
	for i, job := range jobs {
		s.ended = append(s.ended, make(chan struct{}))
		blobs, err := job.Image.blobs()
		if err != nil {
			continue // the job's own push says so
		}
		for _, blob := range blobs {
			digest, err := blob.Digest()
			if _, taken := s.first[s.key(i, digest)]; err == nil && !taken {
				s.first[s.key(i, digest)] = i
			}
		}
	}
	return s
}

func (s *shares) key(job int, digest v1.Hash) string {
	return s.jobs[job].To.target.Registry + " " + digest.String()
}

// of tells one job where it can mount a blob from; nil where it is to be uploaded.
func (s *shares) of(job int) func(context.Context, v1.Hash) *Destination {
	return func(ctx context.Context, digest v1.Hash) *Destination {
		if origin := s.jobs[job].Image.copied.origin(); origin != nil {
			return origin
		}
		first := s.first[s.key(job, digest)]
		if first == job {
			return nil
		}
		select {
		case <-s.ended[first]:
		case <-ctx.Done():
			return nil
		}
		if !s.whole[first] {
			return nil
		}
		return s.jobs[first].To
	}
}

func (s *shares) end(job int, whole bool) {
	s.whole[job] = whole
	close(s.ended[job])
}
