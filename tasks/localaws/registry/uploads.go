package registry

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

// startUpload opens a session; or mounts another repository's layer; or, with a digest, takes the whole layer at once.
func startUpload(q request) error {
	if digest := q.query.Get("mount"); digest != "" {
		mounted, err := q.mount(digest)
		if mounted || err != nil {
			return err
		}
	}
	upload, err := q.StartUpload(q.name)
	if err != nil {
		return q.nameInvalid(err)
	}
	if !q.query.Has("digest") {
		return q.progress(http.StatusAccepted, upload, upload.Size)
	}
	q.ref = upload.ID
	if err := finishUpload(q); err != nil {
		return errors.Join(err, forgotten(q.CancelUpload(q.name, upload.ID)))
	}
	return nil
}

// forgotten drops the error of cancelling an upload that is gone already.
func forgotten(err error) error {
	if refused := (*catalog.Error)(nil); errors.As(err, &refused) {
		return nil
	}
	return err
}

// mount is silent where ECR would not mount: the client goes on with an upload.
func (q request) mount(digest string) (bool, error) {
	if !catalog.IsDigest(digest) {
		return false, fault{http.StatusBadRequest, "DIGEST_INVALID", fmt.Sprintf("%q is no sha256 digest", digest)}
	}
	from := q.query.Get("from")
	if q.Admit(q.who, "ecr:GetDownloadUrlForLayer", from) != nil {
		return false, nil
	}
	mounted, err := q.Mount(q.name, from, digest)
	if err != nil || !mounted {
		return false, q.nameInvalid(err)
	}
	q.created(digest)
	return true, nil
}

func uploadStatus(q request) error {
	upload, err := q.UploadStatus(q.name, q.ref)
	if err != nil {
		return q.nameInvalid(err)
	}
	return q.progress(http.StatusNoContent, upload, upload.Size)
}

// patchUpload streams a body to disk.
func patchUpload(q request) error {
	at, err := q.offset()
	if err != nil {
		return err
	}
	upload, err := q.Append(q.name, q.ref, at, q.r.Body)
	if err != nil {
		return q.broken(err, upload)
	}
	if q.dialect == dialectECR {
		return q.progress(http.StatusCreated, upload, upload.FirstRange)
	}
	return q.progress(http.StatusAccepted, upload, upload.Size)
}

// finishUpload takes a last body, if there is one, and closes the session.
func finishUpload(q request) error {
	digest := q.query.Get("digest")
	if !catalog.IsDigest(digest) {
		return fault{http.StatusBadRequest, "DIGEST_INVALID", fmt.Sprintf("%q is no sha256 digest", digest)}
	}
	if q.r.ContentLength != 0 {
		at, err := q.offset()
		if err != nil {
			return err
		}
		if upload, err := q.Append(q.name, q.ref, at, q.r.Body); err != nil {
			return q.broken(err, upload)
		}
	}
	layer, err := q.FinishUpload(q.name, q.ref, digest)
	if err != nil {
		return q.nameInvalid(err)
	}
	q.created(layer.Digest)
	return nil
}

func cancelUpload(q request) error {
	if err := q.CancelUpload(q.name, q.ref); err != nil {
		return q.nameInvalid(err)
	}
	q.w.WriteHeader(http.StatusNoContent)
	return nil
}

var contentRange = regexp.MustCompile(`^([0-9]{1,15})-([0-9]{1,15})$`)

// offset reads Content-Range, which in this API is "first-last". Without it the body belongs wherever the upload ends.
func (q request) offset() (int64, error) {
	text := q.r.Header.Get("Content-Range")
	if text == "" {
		return catalog.Anywhere, nil
	}
	match := contentRange.FindStringSubmatch(text)
	if match == nil {
		return 0, fault{http.StatusBadRequest, "BLOB_UPLOAD_INVALID", fmt.Sprintf("Content-Range %q is not first-last", text)}
	}
	first, _ := strconv.ParseInt(match[1], 10, 64) // fifteen digits fit
	last, _ := strconv.ParseInt(match[2], 10, 64)
	if size := last - first + 1; size < 1 || q.r.ContentLength >= 0 && size != q.r.ContentLength {
		return 0, fault{
			http.StatusBadRequest, "SIZE_INVALID",
			fmt.Sprintf("Content-Range %s is not as long as the body", text),
		}
	}
	return first, nil
}

// broken answers a body that was not taken; one at the wrong place also with how far the upload is.
func (q request) broken(err error, upload catalog.Upload) error {
	if upload.ID != "" {
		q.where(upload, upload.Size)
	}
	return q.nameInvalid(err)
}

func (q request) where(upload catalog.Upload, received int64) {
	q.w.Header().Set("Location", "/v2/"+q.name+"/blobs/uploads/"+upload.ID)
	q.w.Header().Set("Docker-Upload-Uuid", upload.ID)
	q.w.Header().Set("Range", fmt.Sprintf("0-%d", max(received-1, 0)))
}

func (q request) progress(status int, upload catalog.Upload, received int64) error {
	q.where(upload, received)
	q.w.WriteHeader(status)
	return nil
}

func (q request) created(digest string) {
	q.w.Header().Set("Location", "/v2/"+q.name+"/blobs/"+digest)
	q.w.Header().Set("Docker-Content-Digest", digest)
	q.w.WriteHeader(http.StatusCreated)
}
