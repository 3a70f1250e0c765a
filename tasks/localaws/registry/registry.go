package registry

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

// Options are choices about a registry. The zero value follows the OCI specification.
type Options struct {
	// Dialect "ecr" answers as Amazon ECR does where it departs from the specification: see the package's comment.
	Dialect string

	// Peer returns the ECR of another account, of which a password may be; nil where there is none. Optional.
	Peer func(account string) *catalog.Catalog

	// Log is told of failures of the store. Defaults to silence.
	Log func(format string, args ...any)
}

const dialectECR = "ecr"

// Server answers below /v2/.
type Server struct {
	catalog *catalog.Catalog
	peer    func(account string) *catalog.Catalog
	dialect string
	log     func(format string, args ...any)
}

// New returns the registry of a catalog.
func New(c *catalog.Catalog, o Options) *Server {
	if o.Log == nil {
		o.Log = func(string, ...any) {}
	}
	if o.Peer == nil {
		o.Peer = func(string) *catalog.Catalog { return nil }
	}
	return &Server{catalog: c, peer: o.Peer, dialect: o.Dialect, log: o.Log}
}

// request is one request, when it is known which registry it is for.
type request struct {
	*catalog.Registry
	who     catalog.Caller
	w       http.ResponseWriter
	r       *http.Request
	dialect string
	name    string // the repository
	ref     string // a tag, a digest or an upload's id
	query   url.Values
}

// route is a kind of path, with a handler for each method.
type route struct {
	noun    string // what the path is about, for Operation
	path    *regexp.Regexp
	methods map[string]func(request) error
}

var routes = []route{
	{"v2", exactly(`/v2/?()()`), methods{"GET": ping, "HEAD": ping}},
	{"_catalog", exactly(`/v2/_catalog()()`), methods{"GET": repositories}},
	{"tags", exactly(`/v2/(.+)/tags/list()`), methods{"GET": listTags}},
	{"referrers", exactly(`/v2/(.+)/referrers/([^/]+)`), methods{"GET": referrers}},
	{
		"manifests", exactly(`/v2/(.+)/manifests/([^/]+)`),
		methods{"GET": getWhole, "HEAD": getWhole, "PUT": putManifest, "DELETE": deleteManifest},
	},
	{"uploads", exactly(`/v2/(.+)/blobs/uploads/?()`), methods{"POST": startUpload}},
	{
		"uploads", exactly(`/v2/(.+)/blobs/uploads/([^/]+)`),
		methods{"GET": uploadStatus, "PATCH": patchUpload, "PUT": finishUpload, "DELETE": cancelUpload},
	},
	{"blobs", exactly(`/v2/(.+)/blobs/([^/]+)`), methods{"GET": getBlob, "HEAD": getBlob, "DELETE": deleteBlob}},
}

type methods = map[string]func(request) error

func exactly(pattern string) *regexp.Regexp { return regexp.MustCompile(`^` + pattern + `$`) }

// Serve answers a request. host is how the client calls this registry.
func (s *Server) Serve(w http.ResponseWriter, r *http.Request, host string) {
	w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
	registry, who, err := s.login(r)
	if err != nil {
		s.refuse(w, r, host, err)
		return
	}
	if err := s.dispatch(request{Registry: registry, who: who, w: w, r: r, dialect: s.dialect}); err != nil {
		s.refuse(w, r, host, err)
	}
}

func (s *Server) dispatch(q request) (err error) {
	if q.query, err = url.ParseQuery(q.r.URL.RawQuery); err != nil {
		return fault{http.StatusBadRequest, "UNSUPPORTED", "The query is malformed"}
	}
	for _, one := range routes {
		match := one.path.FindStringSubmatch(q.r.URL.Path)
		if match == nil {
			continue
		}
		handle := one.methods[q.r.Method]
		if handle == nil {
			q.w.Header().Set("Allow", strings.Join(slices.Sorted(maps.Keys(one.methods)), ", "))
			return fault{http.StatusMethodNotAllowed, "UNSUPPORTED", fmt.Sprintf("%s is not supported here", q.r.Method)}
		}
		q.name, q.ref = match[1], match[2]
		if err := q.admit(one.noun); err != nil {
			return err
		}
		return handle(q)
	}
	return fault{http.StatusNotFound, "UNSUPPORTED", "No such path in a registry"}
}

func ping(q request) error {
	q.w.Header().Set("Content-Type", "application/json")
	_, err := q.w.Write([]byte("{}"))
	return clientIsGone(err)
}

// clientIsGone drops the error of a write: there is nobody to tell.
func clientIsGone(error) error { return nil }
