package registry

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

// Downloads is where the URLs of GetDownloadUrlForLayer lead. No bucket of S3 can be called "-".
const Downloads = "/-/layers/"

const downloadNoun = "layers"

// DownloadURL is the URL of a layer on this server, without its scheme and host.
func DownloadURL(d catalog.Download) string {
	where := url.URL{Path: Downloads + d.Repository + "/" + d.Digest, RawQuery: d.Query().Encode()}
	return where.String()
}

// ServeDownload answers a request below [Downloads]. The signature in the URL is all that is asked for.
func (s *Server) ServeDownload(w http.ResponseWriter, r *http.Request) {
	if err := s.download(w, r); err != nil {
		s.refuse(w, r, r.Host, err)
	}
}

func (s *Server) download(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return fault{http.StatusMethodNotAllowed, "UNSUPPORTED", r.Method + " is not supported here"}
	}
	if r.Header.Get("Authorization") != "" { // as S3 answers a signed address with a password
		return fault{http.StatusBadRequest, "UNSUPPORTED", "Only one auth mechanism allowed: the address is signed already"}
	}
	path := strings.TrimPrefix(r.URL.Path, Downloads)
	slash := max(strings.LastIndex(path, "/"), 0)
	d, err := catalog.ParseDownload(path[:slash], strings.TrimPrefix(path[slash:], "/"), r.URL.Query())
	if err != nil {
		return invalidDownload(err)
	}
	file, layer, err := s.catalog.OpenDownload(d)
	if err != nil {
		return invalidDownload(err)
	}
	defer file.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Etag", `"`+layer.Digest+`"`)
	http.ServeContent(w, r, "", time.Time{}, file)
	return nil
}

// invalidDownload is 403, as for any signed URL; for an image that has gone meanwhile it is 404.
func invalidDownload(err error) error {
	switch {
	case errors.Is(err, catalog.ErrDownloadExpired):
		return fault{http.StatusForbidden, "DENIED", "Request has expired"}
	case errors.Is(err, catalog.ErrDownloadInvalid):
		return fault{http.StatusForbidden, "DENIED", "The request signature does not match the signature that was calculated"}
	}
	return err
}
