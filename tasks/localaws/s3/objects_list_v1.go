package s3

import "net/http"

type listV1Result struct {
	Name           string
	Prefix, Marker text
	NextMarker     text `xml:",omitempty"`
	Delimiter      text `xml:",omitempty"`
	MaxKeys        int
	EncodingType   string `xml:",omitempty"`
	IsTruncated    bool
	Contents       []objectEntry
	CommonPrefixes []prefixEntry
}

// listObjectsV1 is the older listing. As at S3, it names the next marker only with a delimiter.
func (s *server) listObjectsV1(w http.ResponseWriter, r *request) error {
	l, err := listingOf(r.query, "max-keys")
	if err != nil {
		return err
	}
	p, err := s.listPage(r.bucket, l, r.query.Get("marker"), true)
	if err != nil {
		return err
	}
	result := listV1Result{
		Name: r.bucket, Prefix: l.escape(l.prefix), Marker: l.escape(r.query.Get("marker")), Delimiter: l.escape(l.delimiter),
		MaxKeys: l.max, EncodingType: r.query.Get("encoding-type"), IsTruncated: p.more, Contents: p.objects, CommonPrefixes: p.prefixes,
	}
	if p.more && l.delimiter != "" {
		result.NextMarker = l.escape(p.last)
	}
	return respond(w, "ListBucketResult", result)
}
