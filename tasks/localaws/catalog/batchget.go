package catalog

import (
	"errors"
	"slices"
)

// Got is one image of a BatchGetImage.
type Got struct {
	ID       ImageID
	Manifest Manifest
}

// BatchGetImage returns the manifests of up to 100 images; what cannot be had is among the failures.
// It counts as a pull. A list of accepted media types hides the images of others.
func (r *Registry) BatchGetImage(repository string, ids []ImageID, accepted []string) (got []Got, failed []Failure, err error) {
	if err := checkIDs(ids); err != nil {
		return nil, nil, err
	}
	err = r.observe(repository, func(rp *repo) error {
		for _, id := range ids {
			_, failure, err := rp.lookUp(id)
			if err != nil {
				return err
			}
			if failure != nil {
				failed = append(failed, *failure)
				continue
			}
			got = append(got, Got{ID: id})
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	all := got
	got = nil
	for _, one := range all {
		one.Manifest, err = r.GetManifest(repository, one.ID, true)
		unwanted := len(accepted) > 0 && !slices.Contains(accepted, one.Manifest.MediaType)
		if gone := (*Error)(nil); errors.As(err, &gone) && gone.Code == "ImageNotFoundException" || err == nil && unwanted {
			failed = append(failed, *notThere(one.ID))
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		one.ID.Digest = one.Manifest.Digest
		got = append(got, one)
	}
	return got, failed, nil
}
