package s3

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
)

func (p *payload) Read(b []byte) (int, error) {
	n, err := p.src.Read(b)
	p.read += int64(n)
	p.md5.Write(b[:n])
	p.sum.Write(b[:n])
	if p.sha != nil {
		p.sha.Write(b[:n])
	}
	var refused *apiError
	switch {
	case p.read > p.length:
		return n, errIncompleteBody
	case err == io.EOF:
		if err := p.verify(); err != nil {
			return n, err
		}
	case err != nil && !errors.As(err, &refused):
		return n, errIncompleteBody // the connection broke: nobody reads this answer
	}
	return n, err
}

func (p *payload) verify() error {
	if p.read != p.length {
		return errIncompleteBody
	}
	if p.sha != nil && hex.EncodeToString(p.sha.Sum(nil)) != p.wantSHA {
		return errSHA256Mismatch
	}
	if p.wantMD5 != nil && !bytes.Equal(p.md5.Sum(nil), p.wantMD5) {
		return errBadDigest
	}
	if p.trailer != "" {
		p.wantSum = p.chunked.trailers[p.trailer]
		if p.wantSum == "" {
			return errMalformedTrailer
		}
		if err := wellFormed(p.algorithm, p.wantSum); err != nil {
			return err
		}
	}
	if p.wantSum != "" && p.wantSum != p.checksum().Value {
		return mismatch(p.algorithm)
	}
	return nil
}

// etag is the entity tag of a body put in one piece: its MD5, without the quotes.
func (p *payload) etag() string { return hex.EncodeToString(p.md5.Sum(nil)) }

func (p *payload) checksum() checksum {
	return checksum{p.algorithm, base64.StdEncoding.EncodeToString(p.sum.Sum(nil)), fullObject}
}
