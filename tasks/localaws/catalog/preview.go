package catalog

import (
	"errors"
	"time"

	bbolterrors "go.etcd.io/bbolt/errors"
)

// Status values of a preview.
const (
	PreviewInProgress = "IN_PROGRESS"
	PreviewComplete   = "COMPLETE"
	PreviewExpired    = "EXPIRED"
	PreviewFailed     = "FAILED"
)

// previewLife is how long the results of a preview are kept. ECR has a status for older ones and does not say when.
const previewLife = 24 * time.Hour

var (
	keyPreview    = []byte("preview")
	bucketPreview = []byte("previewed")
)

// Preview is a dry run of a lifecycle policy over all images of a repository. Each has one, the last.
type Preview struct {
	ID, Run   string // Run is the catalog that works on it: a process that ended leaves nothing but a failure
	Text      string // of the policy
	Status    string
	StartedAt time.Time
	Expiring  int
	Archiving int
}

// Previewed is what a preview says of one image.
type Previewed struct {
	Digest   string
	Tags     []string `json:",omitempty"`
	PushedAt time.Time
	Archived bool `json:",omitempty"`
	Priority int
	Expire   bool `json:",omitempty"`
}

// StartPreview begins a dry run, of the repository's own policy when text is "". It goes on in the background, as on AWS:
// [Registry.Preview] says how far it is.
func (r *Registry) StartPreview(repository, text string) (Preview, error) {
	p := Preview{ID: NewUUID(), Run: r.c.run, Status: PreviewInProgress}
	if text != "" {
		policy, err := ParseLifecycle(text)
		if err != nil {
			return Preview{}, err
		}
		p.Text = policy.Text
	}
	if err := r.settle(repository); err != nil {
		return Preview{}, err
	}
	err := r.update(repository, func(rp *repo) error {
		p.StartedAt = r.c.now().UTC()
		if text == "" {
			p.Text = rp.info.Lifecycle
		}
		return rp.startPreview(p)
	})
	if err == nil {
		r.c.previews.Go(func() { r.runPreview(repository, p) })
	}
	return p, err
}

func (rp *repo) startPreview(p Preview) error {
	if p.Text == "" {
		return rp.needLifecycle()
	}
	before, err := rp.preview()
	if err != nil {
		return err
	}
	if before.Status == PreviewInProgress {
		return refuse("LifecyclePolicyPreviewInProgressException",
			"The previous lifecycle policy preview request for the repository with name '%s' in the registry with id '%s' has not completed. Wait and try again.",
			rp.info.Name, rp.Account())
	}
	if err := rp.b.DeleteBucket(bucketPreview); err != nil && !errors.Is(err, bbolterrors.ErrBucketNotFound) {
		return err
	}
	if _, err := rp.b.CreateBucket(bucketPreview); err != nil {
		return err
	}
	return put(rp.b, keyPreview, p)
}

// preview is the last preview as it is now; its zero value where there was none.
func (rp *repo) preview() (p Preview, err error) {
	if err := get(rp.b, keyPreview, &p); err != nil {
		return p, err
	}
	switch {
	case p.Status == PreviewInProgress && p.Run != rp.c.run:
		p.Status = PreviewFailed
	case p.Status == PreviewComplete && rp.c.now().Sub(p.StartedAt) >= previewLife:
		p.Status, p.Expiring, p.Archiving = PreviewExpired, 0, 0
	}
	return p, nil
}
