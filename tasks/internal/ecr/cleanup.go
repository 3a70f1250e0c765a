package ecr

import (
	"context"
	"fmt"
	"slices"
)

// Report is what a cleanup did; with an error, how far it came.
type Report struct {
	Deleted  int  `json:"deleted"`  // images that this cleanup deleted
	Left     int  `json:"left"`     // images that it knows of and has not deleted; 0 without an error
	Pushed   int  `json:"pushed"`   // images that somebody pushed in the meantime
	Vanished int  `json:"vanished"` // images gone before their turn: deleted by others, or by ECR with what they refer to
	Stay     int  `json:"kept"`     // images that the filter left, by the last listing
	Missing  bool `json:"-"`        // the repository was removed in the meantime
	// Kept are images that the filter takes and that an unreadable index needs, such as an archived one.
	Kept []Failure `json:"-"`
}

// Execute deletes what was decided, without asking, and returns nil only when a listing proves it: it deletes and lists
// again while that helps, and images that remain are a [*RemainError]. With a filter, it spares images that were pushed
// or tagged since the decision. When ctx ends it stops between two calls. Progress may be nil.
func (d Decision) Execute(ctx context.Context, api *Client, progress func(done, total int)) (Report, error) {
	s := sweep{api: api, repository: d.Repository, progress: progress, window: newWindow()}
	images, err := d.fresh(ctx, api)
	found := len(images)
	if !d.Filter.All() {
		s.approved = pushes(images)
	}
	if err == nil {
		err = s.run(ctx, images)
	}
	if Missing(err) {
		s.report.Missing = true
		err = nil
	}
	if err != nil {
		s.report.Left = max(0, found+s.report.Pushed-s.gone)
	}
	return s.report, err
}

// fresh is the part of the decision that still holds: images may have been tagged or put into an index since.
func (d Decision) fresh(ctx context.Context, api *Client) ([]Deletion, error) {
	if d.Filter.All() || len(d.Images) == 0 {
		return d.Images, nil
	}
	now := Decision{Repository: d.Repository, Filter: d.Filter, now: d.now}
	if err := now.choose(ctx, api); err != nil {
		return d.Images, fmt.Errorf("looking once more before deleting: %w", err)
	}
	approved := pushes(d.Images)
	return slices.DeleteFunc(now.Images, func(image Deletion) bool {
		_, still := approved[image.Digest]
		return !still
	}), nil
}

func pushes(images []Deletion) map[string]int64 {
	times := make(map[string]int64, len(images))
	for _, image := range images {
		times[image.Digest] = image.pushed
	}
	return times
}
