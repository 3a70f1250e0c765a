package s3

import (
	"errors"
	"net/http"
	"slices"
)

const maxDeletes = 1000

type deleteRequest struct {
	Object []deleteObject
	Quiet  bool
}

type deleteObject struct {
	Key       string
	VersionID string `xml:"VersionId"`
}

type deleteResult struct {
	Deleted []deletedEntry
	Error   []deleteError
}

type deletedEntry struct {
	Key                   string
	VersionID             string `xml:"VersionId,omitempty"`
	DeleteMarker          bool   `xml:",omitempty"`
	DeleteMarkerVersionID string `xml:"DeleteMarkerVersionId,omitempty"`
}

type deleteError struct {
	Key       string
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
	nameless := slices.ContainsFunc(c.Object, func(o deleteObject) bool { return o.Key == "" })
	if nameless || len(c.Object) == 0 || len(c.Object) > maxDeletes {
		return errMalformedXML
	}
	var result deleteResult
	err := s.update(func(t *txn) error {
		result = deleteResult{}
		for _, o := range c.Object {
			d := deletion{key: o.Key, id: o.VersionID}
			err := checkKey(o.Key)
			if err == nil {
				err = s.delete(t, r.bucket, &d)
			}
			if err := result.add(err, d, c.Quiet); err != nil {
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

// add reports one deletion. An error that is not S3's gives up the transaction.
func (r *deleteResult) add(err error, d deletion, quiet bool) error {
	var refused *apiError
	switch {
	case errors.As(err, &refused):
		r.Error = append(r.Error, deleteError{d.key, d.id, refused.code, refused.message})
		return nil
	case err != nil:
		return err
	case quiet:
		return nil
	}
	e := deletedEntry{Key: d.key, VersionID: d.id, DeleteMarker: d.marker}
	if d.marker {
		e.DeleteMarkerVersionID = d.version
	}
	r.Deleted = append(r.Deleted, e)
	return nil
}
