package localaws

import (
	"fmt"
	"mime"
	"net"
	"net/http"
	"runtime/debug"
	"strings"

	"envoy-proxy-poc/tasks/localaws/catalog"
	"envoy-proxy-poc/tasks/localaws/ecrapi"
	"envoy-proxy-poc/tasks/localaws/registry"
)

// ServeHTTP answers as the service that the request is for, or as its [Faults] have it.
func (a *AWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !a.allowed[hostname(r.Host)] {
		http.Error(w, fmt.Sprintf("the local AWS does not answer to the name %q", r.Host), http.StatusForbidden)
		return
	}
	if a.page != nil && isVisit(r) { // outside of the lock, which the page's own requests take
		a.page.ServeHTTP(w, r)
		return
	}
	a.running.RLock()
	defer a.running.RUnlock()
	if a.closed {
		http.Error(w, "the local AWS is closed", http.StatusServiceUnavailable)
		return
	}
	defer a.dropPages()
	service := serviceOf(r)
	defer a.survive(w, r, service)
	if a.record != nil {
		for _, permission := range permissions(service, r) {
			a.record(permission)
		}
	}
	next := func(w http.ResponseWriter, r *http.Request) { a.serve(w, r, service) }
	a.faults.serve(w, r, service, a.log, next)
}

// isVisit tells a browser that opens the address from a client that lists buckets, and from another site's page that
// fetches or frames it.
func isVisit(r *http.Request) bool {
	h := r.Header
	dest := h.Get("Sec-Fetch-Dest")
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.URL.Path == "/" && r.URL.RawQuery == "" &&
		strings.Contains(h.Get("Accept"), "text/html") && h.Get("Authorization") == "" && h.Get("Origin") == "" &&
		(dest == "" || dest == "document")
}

// survive answers for a handler that panicked, unless the handler meant to cut the connection.
func (a *AWS) survive(w http.ResponseWriter, r *http.Request, service string) {
	wrong := recover()
	if wrong == nil {
		return
	}
	if wrong == http.ErrAbortHandler { //nolint:errorlint // it is compared as net/http compares it
		panic(wrong)
	}
	a.log("answering %s %s: %v\n%s", r.Method, r.URL.Path, wrong, debug.Stack())
	is := refusals[ServerError][service]
	is.status, is.message = http.StatusInternalServerError, "The local AWS failed, and says why where it runs"
	refuse(w, r, service, is)
}

// serviceOf tells the registry by its path, ECR by its target header, and STS by a form with an action. All the rest is
// for S3, but a target that is nobody's is "".
func serviceOf(r *http.Request) string {
	target := r.Header.Get("X-Amz-Target")
	switch {
	case r.URL.Path == "/v2" || strings.HasPrefix(r.URL.Path, "/v2/") || strings.HasPrefix(r.URL.Path, registry.Downloads):
		return "registry"
	case strings.HasPrefix(target, ecrapi.Target):
		return "ecr"
	case target != "":
		return ""
	case isQuery(r):
		return "sts"
	}
	return "s3"
}

func (a *AWS) serve(w http.ResponseWriter, r *http.Request, service string) {
	switch {
	case service == "registry" && strings.HasPrefix(r.URL.Path, registry.Downloads):
		a.registry.ServeDownload(w, r)
	case service == "registry":
		a.registry.Serve(w, r, a.hostFor(r))
	case service == "ecr":
		a.serveECR(w, r)
	case service == "sts":
		a.serveQuery(w, r)
	case service == "s3":
		a.s3.ServeHTTP(w, r)
	default:
		ecrapi.WriteError(w, http.StatusBadRequest, &catalog.Error{
			Code: "UnknownOperationException",
			Message: fmt.Sprintf("The local AWS has no service for the target %q: it has ECR, S3 and STS",
				r.Header.Get("X-Amz-Target")),
		})
	}
}

func (a *AWS) serveECR(w http.ResponseWriter, r *http.Request) {
	signed, err := scopeOf(r)
	if err == nil && signed.service != "ecr" {
		const wrong = "Credential should be scoped to correct service: 'ecr'."
		err = &catalog.Error{Code: "InvalidSignatureException", Message: wrong}
	}
	if err != nil {
		ecrapi.WriteError(w, http.StatusBadRequest, err)
		return
	}
	a.ecr.Serve(w, r, signed.region, a.hostFor(r))
}

// isQuery reports whether a request is one of the AWS Query protocol: a form, sent to no path.
func isQuery(r *http.Request) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return r.URL.Path == "/" &&
		(r.Method == http.MethodPost && kind == "application/x-www-form-urlencoded" || r.URL.Query().Has("Action"))
}

// serveQuery is for STS, unless the request was signed for another service, which is then named.
func (a *AWS) serveQuery(w http.ResponseWriter, r *http.Request) {
	if signed, err := scopeOf(r); err == nil && signed.service != "sts" {
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(http.StatusBadRequest)
		const document = "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code>" +
			"<Message>The local AWS has no service %q: it has ECR, S3 and STS</Message></Error></ErrorResponse>\n"
		_, _ = fmt.Fprintf(w, document, signed.service)
		return
	}
	a.sts.ServeHTTP(w, r)
}

// hostFor is how the registry is called from outside.
func (a *AWS) hostFor(r *http.Request) string {
	if host := a.host.Load().(string); host != "" {
		return host
	}
	return r.Host
}

// hostname takes the port off a host, and the brackets.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}
