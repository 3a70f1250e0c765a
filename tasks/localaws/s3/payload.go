package s3

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"io"
	"slices"
	"strconv"
	"strings"
)

// checksumUse says whether x-amz-checksum- headers speak of the body. Those of CompleteMultipartUpload
// speak of the object.
type checksumUse bool

const (
	verifyChecksum checksumUse = true
	ignoreChecksum checksumUse = false
)

// payload is a request's body, decoded. It verifies everything the client said about it (length, MD5,
// SHA-256, checksum) when the end is reached: only a reader that sees io.EOF has the body as it was sent.
type payload struct {
	src     io.Reader
	length  int64 // announced; more or less is IncompleteBody
	read    int64
	md5     hash.Hash
	wantMD5 []byte // nil: not announced
	sha     hash.Hash
	wantSHA string // "": not announced

	algorithm string
	sum       hash.Hash
	wantSum   string         // "": not announced
	chunked   *chunkedReader // the trailers, if the checksum is to come in one
	trailer   string         // its name
}

// payload prepares the body for reading. most is in bytes.
func (r *request) payload(most int64, sums checksumUse) (*payload, error) {
	p := &payload{src: r.Body, md5: md5.New(), length: r.ContentLength, algorithm: defaultAlgorithm}
	if v := r.Header.Get("Content-MD5"); v != "" {
		raw, err := base64.StdEncoding.DecodeString(v)
		if err != nil || len(raw) != md5.Size {
			return nil, errInvalidDigest
		}
		p.wantMD5 = raw
	}
	if err := p.encoding(r); err != nil {
		return nil, err
	}
	if p.length < 0 {
		return nil, notImplemented("a body of unknown length").with("Header", "Transfer-Encoding")
	}
	if p.length > most {
		return nil, errEntityTooLarge.with("ProposedSize", strconv.FormatInt(p.length, 10)).with("MaxSizeAllowed", strconv.FormatInt(most, 10))
	}
	if sums == verifyChecksum {
		if err := p.announced(r); err != nil {
			return nil, err
		}
	}
	p.sum = algorithms[p.algorithm].hash()
	return p, nil
}

// encoding reads x-amz-content-sha256, which says how the body is framed.
func (p *payload) encoding(r *request) error {
	mode := r.Header.Get("x-amz-content-sha256")
	switch {
	case mode == "":
		return errInvalidRequest.says("Missing required header for this request: x-amz-content-sha256")
	case mode == "UNSIGNED-PAYLOAD":
		return nil
	case strings.HasPrefix(mode, "STREAMING-AWS4-ECDSA-"):
		return notImplemented(mode)
	case slices.Contains([]string{"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}, mode):
		length, err := strconv.ParseUint(r.Header.Get("x-amz-decoded-content-length"), 10, 63)
		if err != nil {
			return errMissingLength
		}
		p.length = int64(length)
		p.chunked = newChunkedReader(r.Body, strings.Contains(mode, "HMAC"), strings.HasSuffix(mode, "-TRAILER"))
		p.src = p.chunked
		return nil
	}
	if raw, err := hex.DecodeString(mode); err != nil || len(raw) != sha256.Size {
		return errInvalidArgument.says("x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.")
	}
	p.sha, p.wantSHA = sha256.New(), strings.ToLower(mode)
	return nil
}

// announced finds the checksum the client promises, in a header or, later, in a trailer.
func (p *payload) announced(r *request) error {
	sum, err := headerChecksum(r.Header)
	if err != nil {
		return err
	}
	if name := strings.ToLower(r.Header.Get("x-amz-trailer")); name != "" {
		algorithm := strings.ToUpper(strings.TrimPrefix(name, "x-amz-checksum-"))
		if p.chunked == nil || !p.chunked.trailing || sum.Algorithm != "" || algorithms[algorithm] == nil {
			return errInvalidRequest.says("The value specified in the x-amz-trailer header is not supported")
		}
		p.algorithm, p.trailer = algorithm, name
		return nil
	}
	if sum.Algorithm == "" {
		if r.Header.Get("x-amz-sdk-checksum-algorithm") != "" {
			return errInvalidRequest.says("x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.")
		}
		return nil
	}
	p.algorithm, p.wantSum = sum.Algorithm, sum.Value
	return wellFormed(sum.Algorithm, sum.Value)
}
