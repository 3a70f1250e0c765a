package s3

import "net/http"

// setting is a document that a bucket keeps and gives back: Get, Put and Delete of one sub-resource.
type setting[T any] struct {
	root    string // element
	load    func(*bucketRecord) *T
	save    func(*bucketRecord, *T)
	check   func(*request, *T) error // of what is put
	missing *apiError                // the answer when the bucket has none
	status  int                      // of a put
}

func (st *setting[T]) get(s *server, w http.ResponseWriter, r *request) error {
	b, err := s.bucket(r.bucket)
	if err != nil {
		return err
	}
	document := st.load(b)
	if document == nil {
		return st.missing.with("BucketName", r.bucket)
	}
	return respond(w, st.root, document)
}

func (st *setting[T]) put(s *server, w http.ResponseWriter, r *request) error {
	var document T
	if err := readXML(r, st.root, &document); err != nil {
		return err
	}
	if err := st.check(r, &document); err != nil {
		return err
	}
	return s.change(w, r, st.status, func(b *bucketRecord) error {
		st.save(b, &document)
		return nil
	})
}

func (st *setting[T]) delete(s *server, w http.ResponseWriter, r *request) error {
	return s.change(w, r, http.StatusNoContent, func(b *bucketRecord) error {
		st.save(b, nil)
		return nil
	})
}
