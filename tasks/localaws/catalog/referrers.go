package catalog

import (
	"slices"
	"strings"
)

// Page sizes of ListImageReferrers, and how many artifact types it takes (botocore ecr/2015-09-21).
const (
	referrersPage    = 20
	maxReferrersPage = 50
	maxArtifactTypes = 5
	maxArtifactType  = 255
)

// Referrer is an image that names another as its subject.
type Referrer struct {
	Image
	Annotations map[string]string
}

// ReferrerFilter narrows a list of referrers. Its zero value is ECR's default: the active ones.
type ReferrerFilter struct {
	ArtifactTypes []string // any of these; none for all
	Status        string   // as in [Filter]
}

// Referrers returns the active images that refer to a digest, whether or not there is an image with that digest.
// A list of artifact types leaves out the others.
func (r *Registry) Referrers(repository, subject string, artifactTypes ...string) ([]Referrer, error) {
	out, _, err := r.referrersAfter(repository, subject, ReferrerFilter{artifactTypes, Active}, "", maxReferrers)
	return out, err
}

// ListReferrers is Referrers a page at a time, in the order of their digests: 1 to 50 of them, by default 20.
func (r *Registry) ListReferrers(repository, subject string, f ReferrerFilter, page Page) (out []Referrer, next string, err error) {
	if err := f.complete(); err != nil {
		return nil, "", err
	}
	query := strings.Join(append([]string{"referrers", repository, subject, f.Status}, f.ArtifactTypes...), "\x00")
	after, limit, err := page.openWithin(r, query, referrersPage, maxReferrersPage)
	if err != nil {
		return nil, "", err
	}
	out, more, err := r.referrersAfter(repository, subject, f, after, limit)
	if err == nil && more {
		next = page.next(r, query, out[limit-1].Digest)
	}
	return out, next, err
}

func (f *ReferrerFilter) complete() error {
	const parameter = "filter.artifactTypes"
	if len(f.ArtifactTypes) > maxArtifactTypes {
		return Invalid(parameter, "Member must have length less than or equal to %d", maxArtifactTypes)
	}
	for _, one := range f.ArtifactTypes {
		if one == "" || len(one) > maxArtifactType {
			return Invalid(parameter, "Member must have length between 1 and %d", maxArtifactType)
		}
	}
	if f.Status == "" {
		f.Status = Active
	}
	if !slices.Contains(statuses, f.Status) {
		return Invalid("filter.artifactStatus", "Member must satisfy enum value set: [%s]", strings.Join(statuses, ", "))
	}
	return nil
}

// statuses are what lists can be narrowed to.
var statuses = []string{Active, Archived, Activating, "ANY"}

func (f ReferrerFilter) admits(img *Image) bool {
	return (len(f.ArtifactTypes) == 0 || slices.Contains(f.ArtifactTypes, img.ArtifactType)) && (f.Status == "ANY" || f.Status == img.Status)
}

// referrersAfter returns up to limit referrers whose digests sort after one, and whether there are more.
func (r *Registry) referrersAfter(repository, subject string, f ReferrerFilter, after string, limit int) (out []Referrer, more bool, err error) {
	if !IsDigest(subject) {
		return nil, false, Invalid("subjectId.imageDigest", "must satisfy regular expression '%s'", sha256Digest)
	}
	err = r.observe(repository, func(rp *repo) error {
		for _, digest := range related(rp.in(bucketReferrers), subject, maxReferrers) {
			img, err := rp.image(digest)
			if err != nil {
				return err
			}
			if digest <= after || !f.admits(img) {
				continue
			}
			if len(out) == limit {
				more = true
				return nil
			}
			m, err := parseManifest(rp.in(bucketManifests).Get([]byte(digest)), img.MediaType)
			if err != nil {
				return err
			}
			out = append(out, Referrer{*img, m.Annotations})
		}
		return nil
	})
	return out, more, err
}
