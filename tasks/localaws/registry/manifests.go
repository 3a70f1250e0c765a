package registry

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

// id tells a digest from a tag: no tag has a colon.
func (q request) id() (catalog.ImageID, error) {
	if strings.Contains(q.ref, ":") {
		if !catalog.IsDigest(q.ref) {
			return catalog.ImageID{}, fault{http.StatusBadRequest, "DIGEST_INVALID", fmt.Sprintf("%q is no sha256 digest", q.ref)}
		}
		return catalog.ImageID{Digest: q.ref}, nil
	}
	if err := catalog.CheckTag(q.ref); err != nil {
		return catalog.ImageID{}, as(err, "InvalidParameterException", fault{http.StatusBadRequest, "TAG_INVALID", ""})
	}
	return catalog.ImageID{Tag: q.ref}, nil
}

// getManifest answers HEAD too, which is no pull.
func getManifest(q request) error {
	id, err := q.id()
	if err != nil {
		return err
	}
	m, err := q.GetManifest(q.name, id, q.r.Method == http.MethodGet)
	if err != nil {
		return q.nameInvalid(err)
	}
	header := q.w.Header()
	header.Set("Content-Type", m.MediaType)
	header.Set("Content-Length", strconv.Itoa(len(m.Raw)))
	header.Set("Docker-Content-Digest", m.Digest)
	header.Set("Etag", `"`+m.Digest+`"`)
	if q.r.Method == http.MethodHead {
		return nil
	}
	_, err = q.w.Write(m.Raw)
	return clientIsGone(err)
}

func putManifest(q request) error {
	id, err := q.id()
	if err != nil {
		return err
	}
	push := catalog.Push{Tag: id.Tag, Digest: id.Digest}
	if push.MediaType, err = mediaType(q.r); err != nil {
		return err
	}
	if push.Manifest, err = readManifest(q); err != nil {
		return err
	}
	put, err := q.PutImage(q.name, push)
	if err != nil {
		err = as(err, "LayersNotFoundException", fault{http.StatusBadRequest, "MANIFEST_BLOB_UNKNOWN", ""})
		err = as(err, "ReferencedImagesNotFoundException", fault{http.StatusBadRequest, "MANIFEST_BLOB_UNKNOWN", ""})
		return as(q.nameInvalid(err), "InvalidParameterException", fault{http.StatusBadRequest, "MANIFEST_INVALID", ""})
	}
	if put.Unchanged && put.Fixed {
		return q.TagIsFixed(q.name, id.Tag)
	}
	header := q.w.Header()
	header.Set("Location", "/v2/"+q.name+"/manifests/"+put.Image.Digest)
	header.Set("Docker-Content-Digest", put.Image.Digest)
	if put.Image.Subject != "" {
		header.Set("OCI-Subject", put.Image.Subject)
	}
	q.w.WriteHeader(http.StatusCreated)
	return nil
}

// mediaType is what the client calls the manifest; "" leaves it to the manifest.
func mediaType(r *http.Request) (string, error) {
	text := r.Header.Get("Content-Type")
	if text == "" {
		return "", nil
	}
	kind, _, err := mime.ParseMediaType(text)
	if err != nil {
		return "", fault{http.StatusBadRequest, "MANIFEST_INVALID", fmt.Sprintf("Content-Type %q is malformed", text)}
	}
	return kind, nil
}

func readManifest(q request) ([]byte, error) {
	raw, err := io.ReadAll(http.MaxBytesReader(q.w, q.r.Body, catalog.MaxManifest))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, fault{
			http.StatusRequestEntityTooLarge, "MANIFEST_INVALID",
			fmt.Sprintf("The manifest is larger than %d bytes", catalog.MaxManifest),
		}
	}
	if err != nil {
		return nil, fault{http.StatusBadRequest, "MANIFEST_INVALID", "The manifest broke off"}
	}
	return raw, nil
}

// deleteManifest follows BatchDeleteImage: by tag only the tag, and the image with its last.
func deleteManifest(q request) error {
	id, err := q.id()
	if err != nil {
		return err
	}
	_, failed, err := q.BatchDeleteImage(q.name, []catalog.ImageID{id})
	if err != nil {
		return q.nameInvalid(err)
	}
	if len(failed) > 0 && failed[0].Code == "ImageNotFound" {
		return fault{http.StatusNotFound, "MANIFEST_UNKNOWN", failed[0].Reason}
	}
	if len(failed) > 0 {
		return fault{http.StatusForbidden, "DENIED", failed[0].Reason}
	}
	q.w.WriteHeader(http.StatusAccepted)
	return nil
}

// nameInvalid gives a malformed repository name its own code.
func (q request) nameInvalid(err error) error {
	if catalog.CheckRepositoryName(q.name) == nil {
		return err
	}
	return as(err, "InvalidParameterException", fault{http.StatusBadRequest, "NAME_INVALID", ""})
}

// link is the header that names the next page.
func (q request) link(last string, n int) {
	next := url.URL{Path: q.r.URL.Path, RawQuery: url.Values{"last": {last}, "n": {strconv.Itoa(n)}}.Encode()}
	q.w.Header().Set("Link", "<"+next.String()+`>; rel="next"`)
}
