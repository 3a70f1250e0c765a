package s3

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"go.etcd.io/bbolt"
)

type completeRequest struct {
	Part []completePart
}

// completePart is a part as the client lists it, with the checksum that it sent with the part, if any.
type completePart struct {
	PartNumber                                                                     int
	ETag                                                                           string
	ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256 string
}

// completeUpload makes an object of the parts that the client lists. The parts become the object's
// segments: nothing is copied, and the object is there or not in one transaction.
func (s *server) completeUpload(w http.ResponseWriter, r *request) error {
	when, err := writeCondition(r.Header)
	if err != nil {
		return err
	}
	if sum, _ := headerChecksum(r.Header); sum.Algorithm != "" {
		return notImplemented("a checksum of all parts of an upload")
	}
	var c completeRequest
	if err := readXML(r, "CompleteMultipartUpload", &c); err != nil {
		return err
	}
	if len(c.Part) == 0 || len(c.Part) > maxPartNumber {
		return errMalformedXML
	}
	var v *version
	err = s.update(func(t *txn) error {
		v, err = s.complete(t, r, c.Part, when)
		return err
	})
	if err != nil {
		return err
	}
	s.announceVersion(w, r, v)
	v.SSE.setHeaders(w.Header())
	return respond(w, "CompleteMultipartUploadResult", struct {
		Location, Bucket, Key, ETag string
	}{"http://" + r.Host + r.URL.EscapedPath(), r.bucket, r.key, v.etag()})
}

// complete replaces the upload by the object.
func (s *server) complete(t *txn, r *request, listed []completePart, when condition) (*version, error) {
	u, err := findUpload(t.Tx, r)
	if err != nil {
		return completed(t.Tx, r, listed, err)
	}
	parts, kept, err := chooseParts(t.Tx, u, listed)
	if err != nil {
		return nil, err
	}
	v := assemble(u, parts, listed)
	if err := dropUpload(t, r.bucket, u.ID, kept); err != nil {
		return nil, err
	}
	return v, s.writeVersion(t, r.bucket, r.key, v, when)
}

// chooseParts finds the listed parts, which must be in order, as uploaded, and large enough.
func chooseParts(tx *bbolt.Tx, u *upload, listed []completePart) ([]part, map[int]bool, error) {
	parts, kept := make([]part, 0, len(listed)), map[int]bool{}
	for i, want := range listed {
		if i > 0 && want.PartNumber <= listed[i-1].PartNumber {
			return nil, nil, errInvalidPartOrder.with("UploadId", u.ID)
		}
	}
	for i, want := range listed {
		var p part
		ok, err := get(tx.Bucket(partsBucket), partKey(u.ID, want.PartNumber), &p)
		if err != nil {
			return nil, nil, err
		}
		number := strconv.Itoa(want.PartNumber)
		if !ok || !want.is(&p) {
			wrong := errInvalidPart.with("UploadId", u.ID)
			return nil, nil, wrong.with("PartNumber", number).with("ETag", want.ETag)
		}
		if i < len(listed)-1 && p.Size < minPart {
			wrong := errEntityTooSmall.with("ProposedSize", strconv.FormatInt(p.Size, 10))
			return nil, nil, wrong.with("MinSizeAllowed", strconv.Itoa(minPart)).with("PartNumber", number).with("ETag", p.ETag)
		}
		parts, kept[p.Number] = append(parts, p), true
	}
	return parts, kept, nil
}

func (c completePart) is(p *part) bool {
	sums := []string{c.ChecksumCRC32, c.ChecksumCRC32C, c.ChecksumCRC64NVME, c.ChecksumSHA1, c.ChecksumSHA256}
	for _, sum := range sums {
		if sum != "" && sum != p.Sum.Value {
			return false
		}
	}
	return strings.Trim(c.ETag, `"`) == p.ETag
}

// assemble makes the version.
func assemble(u *upload, parts []part, listed []completePart) *version {
	v := u.Version
	for _, p := range parts {
		v.Size += p.Size
		v.Segments = append(v.Segments, p.Segments...)
	}
	v.ETag, v.Upload = etagOf(listed), u.ID
	return &v
}

// etagOf is the entity tag of an object of several parts: the MD5 of the parts' MD5s, and their number.
func etagOf(listed []completePart) string {
	m := md5.New()
	for _, p := range listed {
		raw, _ := hex.DecodeString(strings.Trim(p.ETag, `"`)) // what is none is no part's
		m.Write(raw)
	}
	return fmt.Sprintf("%x-%d", m.Sum(nil), len(listed))
}

// completed finds the object that an upload was completed to, for a client to which the first answer got lost.
func completed(tx *bbolt.Tx, r *request, listed []completePart, gone error) (*version, error) {
	b, err := versions(tx, r.bucket)
	if err != nil {
		return nil, err
	}
	c, id := b.Cursor(), r.query.Get("uploadId")
	for k, data := c.Seek(rowsOf(r.key)); bytes.HasPrefix(k, rowsOf(r.key)); k, data = c.Next() {
		v, err := decodeVersion(k, data)
		if err != nil || v.Upload == id && v.ETag == etagOf(listed) {
			return v, err
		}
	}
	return nil, gone
}
