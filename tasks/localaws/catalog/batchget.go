package catalog

import "errors"

// Got is one image of a BatchGetImage.
type Got struct {
	ID       ImageID
	Manifest Manifest
}

// BatchGetImage returns the manifests of up to 100 images; what cannot be had is among the failures.
// It counts as a pull. By tag a manifest is converted to a media type that is accepted, nil for any; by digest it is
// returned as it is stored (aws/containers-roadmap #1075).
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
		wanted := accepted
		if one.ID.Digest != "" {
			wanted = nil
		}
		one.Manifest, err = r.GetManifest(repository, one.ID, wanted, true)
		if gone := (*Error)(nil); errors.As(err, &gone) && gone.Code == "ImageNotFoundException" {
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
