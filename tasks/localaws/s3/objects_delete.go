package s3

import (
	"errors"
	"net/http"
)

const maxDeletes = 1000

type deleteRequest struct {
	Object []struct {
		Key       string
		VersionID string `xml:"VersionId"`
		ETag      string
	}
	Quiet bool
}

type deleteResult struct {
	Deleted []deletedEntry
	Error   []deleteError
}

type deletedEntry struct {
	Key                   text
	VersionID             string `xml:"VersionId,omitempty"`
	DeleteMarker          bool   `xml:",omitempty"`
	DeleteMarkerVersionID string `xml:"DeleteMarkerVersionId,omitempty"`
}

type deleteError struct {
	Key       text
	VersionID string `xml:"VersionId,omitempty"`
	Code      string
	Message   string
}

// deleteObjects deletes up to a thousand versions in one transaction. One that cannot be deleted is
// reported and does not keep the others.
func (s *server) deleteObjects(w http.ResponseWriter, r *request) error {
	if err := requireSum(r.Header); err != nil {
		return err
	}
	var c deleteRequest
	if err := readXML(r, "Delete", &c); err != nil {
		return err
	}
	if len(c.Object) == 0 || len(c.Object) > maxDeletes {
		return errMalformedXML
	}
	var result deleteResult
	err := s.update(func(t *txn) error {
		result = deleteResult{}
		for _, o := range c.Object {
			d := deletion{key: o.Key, id: o.VersionID, match: o.ETag}
			if err := result.add(s.deleteOne(t, r.bucket, &d), d, c.Quiet); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return respond(w, "DeleteResult", result)
}

func (s *server) deleteOne(t *txn, bucket string, d *deletion) error {
	if d.key == "" {
		return errMalformedXML
	}
	if err := checkKey(d.key); err != nil {
		return err
	}
	return s.delete(t, bucket, d)
}

// add reports one deletion. An error that is not S3's gives up the transaction.
func (r *deleteResult) add(err error, d deletion, quiet bool) error {
	var refused *apiError
	switch {
	case errors.As(err, &refused):
		r.Error = append(r.Error, deleteError{text(d.key), d.id, refused.code, refused.message})
		return nil
	case err != nil:
		return err
	case quiet:
		return nil
	}
	e := deletedEntry{Key: text(d.key), VersionID: d.id, DeleteMarker: d.marker}
	if d.marker {
		e.DeleteMarkerVersionID = d.version
	}
	r.Deleted = append(r.Deleted, e)
	return nil
}
