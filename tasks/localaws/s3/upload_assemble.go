package s3

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"go.etcd.io/bbolt"
)

// chooseParts finds the listed parts, which must be in order, as uploaded, and large enough.
func chooseParts(tx *bbolt.Tx, u *upload, listed []completePart) ([]part, map[int]bool, error) {
	for i := range listed[1:] {
		if listed[i+1].PartNumber <= listed[i].PartNumber {
			return nil, nil, errInvalidPartOrder.with("UploadId", u.ID)
		}
	}
	parts, kept := make([]part, 0, len(listed)), map[int]bool{}
	for i, want := range listed {
		var p part
		ok, err := get(tx.Bucket(partsBucket), partKey(u.ID, want.PartNumber), &p)
		if err != nil {
			return nil, nil, err
		}
		if !ok || strings.Trim(want.ETag, `"`) != p.ETag {
			return nil, nil, errInvalidPart.with("UploadId", u.ID).with("PartNumber", strconv.Itoa(want.PartNumber)).with("ETag", want.ETag)
		}
		if err := want.checkSum(u, &p); err != nil {
			return nil, nil, err
		}
		if i < len(listed)-1 && p.Size < minPart {
			return nil, nil, errEntityTooSmall.with("ProposedSize", strconv.FormatInt(p.Size, 10)).
				with("MinSizeAllowed", strconv.Itoa(minPart)).with("PartNumber", strconv.Itoa(p.Number)).with("ETag", p.ETag)
		}
		parts, kept[p.Number] = append(parts, p), true
	}
	return parts, kept, nil
}

// checkSum compares what the list says of the part's sum. A composite checksum needs them all.
func (c completePart) checkSum(u *upload, p *part) error {
	given := false
	for name := range algorithms {
		value := *c.field(name)
		if value == "" {
			continue
		}
		given = true
		if have := map[string]string{p.Sent.Algorithm: p.Sent.Value, p.Sum.Algorithm: p.Sum.Value}[name]; have != value {
			return errInvalidPart.with("UploadId", u.ID).with("PartNumber", strconv.Itoa(p.Number))
		}
	}
	if u.Type == composite && !given {
		return errInvalidRequest.says("The upload was created using a %s checksum. The complete request must include the checksum for each part. It was missing for part %d in the request.", strings.ToLower(u.Algorithm), p.Number)
	}
	return nil
}

// assemble makes the version. Its entity tag is the MD5 of the parts' MD5s, and their number.
func assemble(u *upload, parts []part) (*version, error) {
	v, m := u.Version, md5.New()
	for _, p := range parts {
		raw, err := hex.DecodeString(p.ETag)
		if err != nil {
			return nil, fmt.Errorf("reading the entity tag of part %d: %w", p.Number, err)
		}
		m.Write(raw)
		v.Size += p.Size
		v.Segments = append(v.Segments, p.Segments...)
	}
	v.ETag = fmt.Sprintf("%x-%d", m.Sum(nil), len(parts))
	var err error
	v.Sum, err = joinParts(u.Algorithm, u.Type, parts)
	return &v, err
}

// confirm compares what the headers say of the whole object.
func confirm(h http.Header, u *upload, v *version) error {
	if kind := strings.ToUpper(h.Get("x-amz-checksum-type")); kind != "" && kind != u.Type {
		return errInvalidRequest.says("The upload was created using the %s checksum mode. The complete request must use the same checksum mode.", u.Type)
	}
	if size := h.Get("x-amz-mp-object-size"); size != "" && size != strconv.FormatInt(v.Size, 10) {
		return errInvalidRequest.says("The provided 'x-amz-mp-object-size' header value %s does not match what was computed: %d", size, v.Size)
	}
	sum, err := headerChecksum(h)
	if err != nil || sum.Algorithm == "" {
		return err
	}
	if sum.Algorithm != v.Sum.Algorithm || strings.SplitN(sum.Value, "-", 2)[0] != strings.SplitN(v.Sum.Value, "-", 2)[0] {
		return mismatch(sum.Algorithm)
	}
	return nil
}
