package catalog

import "slices"

// Referrer is an image that names another as its subject.
type Referrer struct {
	Image
	Annotations map[string]string
}

// Referrers returns the active images that refer to a digest, whether or not there is an image with that digest.
// A list of artifact types leaves out the others.
func (r *Registry) Referrers(repository, subject string, artifactTypes ...string) ([]Referrer, error) {
	if !IsDigest(subject) {
		return nil, Invalid("subjectId.imageDigest", "must satisfy regular expression '%s'", sha256Digest)
	}
	var out []Referrer
	err := r.view(repository, func(rp *repo) error {
		for _, digest := range related(rp.in(bucketReferrers), subject, maxReferrers) {
			img, err := rp.image(digest)
			if err != nil {
				return err
			}
			wanted := len(artifactTypes) == 0 || slices.Contains(artifactTypes, img.ArtifactType)
			if !wanted || img.Status != Active {
				continue
			}
			m, err := parseManifest(rp.in(bucketManifests).Get([]byte(digest)), img.MediaType)
			if err != nil {
				return err
			}
			out = append(out, Referrer{*img, m.Annotations})
		}
		return nil
	})
	return out, err
}
