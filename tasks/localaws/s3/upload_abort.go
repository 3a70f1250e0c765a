package s3

import "net/http"

// abortUpload gives up an upload and the bytes of its parts.
func (s *server) abortUpload(w http.ResponseWriter, r *request) error {
	err := s.update(func(t *txn) error {
		u, err := findUpload(t.Tx, r.bucket, r.key, r.query.Get("uploadId"))
		if err != nil {
			return err
		}
		return dropUpload(t, r.bucket, u, nil)
	})
	if err != nil {
		return err
	}
	return noContent(w)
}
