package registry

import (
	"net"
	"net/http"
	"time"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

// getBlob answers HEAD and ranges too.
func getBlob(q request) error {
	if !catalog.IsDigest(q.ref) {
		return fault{http.StatusBadRequest, "DIGEST_INVALID", "A blob is named by its sha256 digest"}
	}
	if q.dialect == dialectECR && q.r.Method == http.MethodGet && q.redirect() {
		return nil
	}
	file, layer, err := q.OpenLayer(q.name, q.ref)
	if err != nil {
		return q.nameInvalid(err)
	}
	defer file.Close()
	header := q.w.Header()
	header.Set("Content-Type", "application/octet-stream")
	header.Set("Docker-Content-Digest", layer.Digest)
	header.Set("Etag", `"`+layer.Digest+`"`)
	http.ServeContent(q.w, q.r, "", time.Time{}, file)
	return nil
}

// redirect sends the client to a signed address at another name of this host, so that it leaves its password behind, as
// on the way from ECR to S3. It reports whether it did: a host without another name, and a layer that no image uses,
// are served here.
func (q request) redirect() bool {
	host, port, err := net.SplitHostPort(q.r.Host)
	other := map[string]string{"127.0.0.1": "localhost", "::1": "localhost", "localhost": "127.0.0.1"}[host]
	if err != nil || other == "" {
		return false
	}
	signed, err := q.SignDownload(q.name, q.ref)
	if err != nil {
		return false
	}
	http.Redirect(q.w, q.r, "http://"+net.JoinHostPort(other, port)+DownloadURL(signed), http.StatusTemporaryRedirect)
	return true
}

// deleteBlob says what ECR says: layers go with their images.
func deleteBlob(request) error {
	return fault{http.StatusMethodNotAllowed, "UNSUPPORTED", "Blobs cannot be deleted: they go with the images that use them"}
}
