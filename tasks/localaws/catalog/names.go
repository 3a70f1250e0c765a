package catalog

import "go.etcd.io/bbolt"

// RepositoryNames returns up to n names that sort after last, and whether there are more. It is the registry's own list.
func (r *Registry) RepositoryNames(last string, n int) (out []string, more bool, err error) {
	if n > maxPage {
		return nil, false, Invalid("maxResults", "Member must have value less than or equal to %d", maxPage)
	}
	err = r.c.db.View(func(tx *bbolt.Tx) error {
		repositories := r.bucket(tx, bucketRepositories)
		if repositories == nil {
			return nil
		}
		for name := range keysAfter(repositories, last) {
			if len(out) == n {
				more = true
				return nil
			}
			out = append(out, string(name))
		}
		return nil
	})
	return out, more, err
}
