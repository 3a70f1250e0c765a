package catalog

// Tags returns up to n tags of active images that sort after last, and whether there are more. It is the list of the
// registry's own API.
func (r *Registry) Tags(repository, last string, n int) (out []string, more bool, err error) {
	if err := checkPage(n); err != nil {
		return nil, false, err
	}
	err = r.observe(repository, func(rp *repo) error {
		for tag, digest := range keysAfter(rp.in(bucketTags), last) {
			img, err := rp.image(string(digest))
			if err != nil {
				return err
			}
			if img.Status != Active {
				continue
			}
			if len(out) == n {
				more = true
				return nil
			}
			out = append(out, string(tag))
		}
		return nil
	})
	return out, more, err
}
