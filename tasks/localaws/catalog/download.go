package catalog

import (
	"crypto/hmac"
	"encoding/base64"
	"errors"
	"net/url"
	"os"
	"strconv"
	"time"
)

// downloadLife is how long the URL of GetDownloadUrlForLayer holds.
const downloadLife = time.Hour

// What is wrong with a download's signature.
var (
	ErrDownloadExpired = errors.New("the download has expired")
	ErrDownloadInvalid = errors.New("not a signed download")
)

// Download allows whoever has it to read one layer of one repository for an hour, without a password. Like a password it
// needs no store: it is signed with the store's secret.
type Download struct {
	Region, Repository, Digest string
	Expires                    int64  // seconds since 1970
	Signature                  string // base64url
}

// SignDownload makes a download of a layer that an image uses; ECR gives no other.
func (r *Registry) SignDownload(repository, digest string) (Download, error) {
	if !anyDigest.MatchString(digest) {
		return Download{}, Invalid("layerDigest", "must satisfy regular expression '%s'", digestPattern)
	}
	err := r.view(repository, func(rp *repo) error {
		layer, err := rp.layer(digest)
		switch {
		case err != nil:
			return err
		case layer == nil:
			return r.layerNotFound(repository, digest)
		case len(related(rp.in(bucketUses), digest, 1)) == 0:
			return refuse("LayerInaccessibleException",
				"The layer with digest '%s' is not associated with an image in the repository with name '%s' in the registry with id '%s'",
				digest, repository, r.Account())
		}
		return nil
	})
	if err != nil {
		return Download{}, err
	}
	d := Download{Region: r.region, Repository: repository, Digest: digest, Expires: r.c.now().Add(downloadLife).Unix()}
	d.Signature = base64.RawURLEncoding.EncodeToString(r.c.sealDownload(d))
	return d, nil
}

func (c *Catalog) sealDownload(d Download) []byte {
	return c.sign("download", d.Region, d.Repository, d.Digest, strconv.FormatInt(d.Expires, 10))
}

// Query is the part of a download that is neither its repository nor its digest.
func (d Download) Query() url.Values {
	return url.Values{"region": {d.Region}, "expires": {strconv.FormatInt(d.Expires, 10)}, "signature": {d.Signature}}
}

// ParseDownload is the other way round. It checks nothing.
func ParseDownload(repository, digest string, query url.Values) (Download, error) {
	expires, err := strconv.ParseInt(query.Get("expires"), 10, 64)
	if err != nil {
		return Download{}, ErrDownloadInvalid
	}
	return Download{query.Get("region"), repository, digest, expires, query.Get("signature")}, nil
}

// OpenDownload opens the layer of a download whose signature is right and whose time is not over. The caller closes the file.
func (c *Catalog) OpenDownload(d Download) (*os.File, Layer, error) {
	given, err := base64.RawURLEncoding.DecodeString(d.Signature)
	if err != nil || !hmac.Equal(given, c.sealDownload(d)) {
		return nil, Layer{}, ErrDownloadInvalid
	}
	if c.now().Unix() >= d.Expires {
		return nil, Layer{}, ErrDownloadExpired
	}
	r, err := c.Registry(d.Region)
	if err != nil {
		return nil, Layer{}, err
	}
	return r.OpenLayer(d.Repository, d.Digest)
}
