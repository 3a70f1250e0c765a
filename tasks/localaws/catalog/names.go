package catalog

import "go.etcd.io/bbolt"

// SealName makes a page token of the last name on a page of the list at a path.
func (r *Registry) SealName(path, last string) string { return Page{}.next(r, path, last) }

// OpenName returns the name of a page token of the same list.
func (r *Registry) OpenName(path, token string) (string, error) {
	last, _, err := Page{Token: token}.open(r, path)
	if err != nil {
		return "", Invalid("NextToken", "Invalid next token provided")
	}
	return last, nil
}

func checkPage(n int) error {
	if n < 1 {
		return Invalid("maxResults", "Member must have value greater than or equal to 1")
	}
	if n > maxPage {
		return Invalid("maxResults", "Member must have value less than or equal to %d", maxPage)
	}
	return nil
}

// RepositoryNames returns up to n names that sort after last, and whether there are more. It is the registry's own
// list.
func (r *Registry) RepositoryNames(last string, n int) (out []string, more bool, err error) {
	if err := checkPage(n); err != nil {
		return nil, false, err
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
