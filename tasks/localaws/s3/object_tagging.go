package s3

import (
	"net/http"

	"go.etcd.io/bbolt"
)

func (s *server) getObjectTags(w http.ResponseWriter, r *request) error {
	var v *version
	err := s.db.View(func(tx *bbolt.Tx) (err error) {
		v, err = find(tx, r.bucket, r.key, r.query.Get("versionId"))
		return err
	})
	if err != nil {
		return err
	}
	s.announceVersion(w, r, v)
	return respond(w, "Tagging", tagDocument(v.Tags))
}

func (s *server) putObjectTags(w http.ResponseWriter, r *request) error {
	var c tagging
	if err := readXML(r, "Tagging", &c); err != nil {
		return err
	}
	if err := checkTags(c.TagSet.Tag, maxObjectTags); err != nil {
		return err
	}
	return s.setObjectTags(w, r, c.TagSet.Tag, http.StatusOK)
}

func (s *server) deleteObjectTags(w http.ResponseWriter, r *request) error {
	return s.setObjectTags(w, r, nil, http.StatusNoContent)
}

// setObjectTags changes a version in place: tags are not part of what is versioned.
func (s *server) setObjectTags(w http.ResponseWriter, r *request, tags []tag, status int) error {
	var v *version
	err := s.update(func(t *txn) (err error) {
		if v, err = find(t.Tx, r.bucket, r.key, r.query.Get("versionId")); err != nil {
			return err
		}
		v.Tags = tags
		b, err := versions(t.Tx, r.bucket)
		if err != nil {
			return err
		}
		return put(b, versionKey(r.key, v.number), v)
	})
	if err != nil {
		return err
	}
	s.announceVersion(w, r, v)
	w.WriteHeader(status)
	return nil
}
