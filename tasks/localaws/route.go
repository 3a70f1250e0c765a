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
	if a.options.Page != nil && isVisit(r) { // outside of the lock, which the page's own requests take
		a.options.Page.ServeHTTP(w, r)
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
	if a.options.Record != nil {
		for _, permission := range permissions(service, r) {
			a.options.Record(permission)
		}
	}
	next := func(w http.ResponseWriter, r *http.Request) { a.serve(w, r, service) }
	a.options.Faults.serve(w, r, service, a.log, next)
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
		a.accountAt(r.Host).registry.ServeDownload(w, r)
	case service == "registry":
		is := a.accountAt(r.Host)
		is.registry.Serve(w, r, a.hostFor(is, r))
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
	who := callerOf(r, a.options.Account)
	is, opening := a.account(who.Account)
	if opening != nil {
		a.log("answering for account %s: %v", who.Account, opening)
		ecrapi.WriteError(w, http.StatusBadRequest, &catalog.Error{
			Code: "UnrecognizedClientException", Message: "The security token included in the request is invalid: " + opening.Error(),
		})
		return
	}
	is.ecr.Serve(w, r, ecrapi.Signed{Region: signed.region, Caller: who, Host: a.hostFor(is, r), Peer: func(id string) (
		*catalog.Catalog, string,
	) {
		there := a.peer(id)
		if there == nil {
			return nil, ""
		}
		return there.catalog, a.hostFor(there, r)
	}})
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

// hostFor is how the registry of an account is called from outside.
func (a *AWS) hostFor(is *tenant, r *http.Request) string {
	if is.host != "" {
		return is.host
	}
	if host := a.host.Load().(string); host != "" {
		return host
	}
	return r.Host
}

// portOf is what hostname takes off.
func portOf(host string) string {
	_, number, _ := net.SplitHostPort(host)
	return number
}

// hostname takes the port off a host, and the brackets.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}
