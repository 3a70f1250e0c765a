package s3

import (
	"cmp"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"strconv"
	"strings"
)

// payload is a request's body. It verifies everything the client said about it (length, MD5,
// SHA-256, checksum) when the end is reached: only a reader that sees io.EOF has the body as it was sent.
type payload struct {
	src       io.Reader
	length    int64 // announced; more or less is IncompleteBody
	read      int64
	md5, sha  hash.Hash
	wantMD5   string // in base64; "": not announced
	wantSHA   string // in hexadecimal; "": not announced
	algorithm string // of sum
	sum       hash.Hash
	wantSum   string // "": not announced
}

// payload prepares the body for reading. most is in bytes.
func (r *request) payload(most int64) (*payload, error) {
	p := &payload{
		src: r.Body, length: r.ContentLength, md5: md5.New(), sha: sha256.New(), wantMD5: r.Header.Get("Content-MD5"),
	}
	if err := p.frame(r); err != nil {
		return nil, err
	}
	if p.length < 0 {
		return nil, notImplemented("a body of unknown length").with("Header", "Transfer-Encoding")
	}
	if p.length > most {
		return nil, errEntityTooLarge.with("ProposedSize", strconv.FormatInt(p.length, 10)).
			with("MaxSizeAllowed", strconv.FormatInt(most, 10))
	}
	if err := p.announced(r); err != nil {
		return nil, err
	}
	p.sum = algorithms[p.algorithm]()
	return p, nil
}

// frame reads x-amz-content-sha256, which is a sum or says how the body is framed. Bodies in chunks are sent over TLS, and
// by SDKs that Terraform and the AWS CLI are not made with.
func (p *payload) frame(r *request) error {
	mode := r.Header.Get("x-amz-content-sha256")
	switch mode {
	case "":
		return errInvalidRequest.says("Missing required header for this request: x-amz-content-sha256")
	case "UNSIGNED-PAYLOAD":
	default:
		if len(mode) != hex.EncodedLen(sha256.Size) {
			return notImplemented("x-amz-content-sha256: " + mode)
		}
		p.wantSHA = strings.ToLower(mode)
	}
	return nil
}

// announced finds the checksum that the client promises.
func (p *payload) announced(r *request) error {
	sum, err := headerChecksum(r.Header)
	if err != nil {
		return err
	}
	p.algorithm, p.wantSum = cmp.Or(sum.Algorithm, defaultAlgorithm), sum.Value
	return nil
}

func (p *payload) Read(b []byte) (int, error) {
	n, err := p.src.Read(b)
	p.read += int64(n)
	for _, h := range []hash.Hash{p.md5, p.sha, p.sum} {
		h.Write(b[:n])
	}
	switch {
	case p.read > p.length:
		err = errIncompleteBody
	case errors.Is(err, io.EOF):
		if wrong := p.verify(); wrong != nil {
			err = wrong
		}
	case err != nil:
		err = errIncompleteBody // the connection broke: nobody reads this answer
	}
	return n, err
}

func (p *payload) verify() error {
	switch {
	case p.read != p.length:
		return errIncompleteBody
	case p.wantSHA != "" && p.wantSHA != hex.EncodeToString(p.sha.Sum(nil)):
		return errSHA256Mismatch
	case p.wantMD5 != "" && p.wantMD5 != base64.StdEncoding.EncodeToString(p.md5.Sum(nil)):
		return errBadDigest
	case p.wantSum != "" && p.wantSum != p.checksum().Value:
		return errBadDigest.says("The %s you specified did not match the calculated checksum.", p.algorithm)
	}
	return nil
}

// etag is the entity tag of a body put in one piece: its MD5, without the quotes.
func (p *payload) etag() string { return hex.EncodeToString(p.md5.Sum(nil)) }

func (p *payload) checksum() checksum { return sumOf(p.algorithm, p.sum) }
