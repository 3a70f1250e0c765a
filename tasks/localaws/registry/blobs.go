package registry

import (
	"net/http"
	"time"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

// getBlob answers HEAD and ranges too.
func getBlob(q request) error {
	if !catalog.IsDigest(q.ref) {
		return fault{http.StatusBadRequest, "DIGEST_INVALID", "A blob is named by its sha256 digest"}
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

// deleteBlob says what ECR says: layers go with their images.
func deleteBlob(request) error {
	return fault{http.StatusMethodNotAllowed, "UNSUPPORTED", "Blobs cannot be deleted: they go with the images that use them"}
}
