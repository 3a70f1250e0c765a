package localaws

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"envoy-proxy-poc/tasks/localaws/catalog"
	"envoy-proxy-poc/tasks/localaws/ecrapi"
	"envoy-proxy-poc/tasks/localaws/registry"
	"envoy-proxy-poc/tasks/localaws/s3"
	"envoy-proxy-poc/tasks/localaws/sts"
)

// serve answers a request of a service as next does, unless a fault is due. log is told of a fault that is a 5xx.
func (f *Faults) serve(
	w http.ResponseWriter, r *http.Request, service string, log func(string, ...any), next http.HandlerFunc,
) {
	if service == "" || f.none() {
		next(w, r)
		return
	}
	fault := f.of(service, operationOf(service, r))
	if fault == nil {
		next(w, r)
		return
	}
	if fault.Delay > 0 && !sleep(r, fault.Delay) {
		return // the client has gone
	}
	switch fault.Kind {
	case Slow:
		next(w, r)
	case Cut:
		panic(http.ErrAbortHandler)
	case CutRequest:
		cutRequest(r, fault.Bytes, next)
	case CutAnswer:
		cutAnswer(w, r, fault.Bytes, next)
	default:
		if status := fault.answer(w, r, service); status >= http.StatusInternalServerError {
			log("answering %s %s: a fault wants %d", r.Method, r.URL.Path, status)
		}
	}
}

// sleep reports false when the client goes in the meantime, which net/http notices once the request's body is read: so a
// body of up to 1 MiB is read first.
func sleep(r *http.Request, d time.Duration) bool {
	begin, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20)) // an error comes again when the rest is read
	r.Body = &again{io.MultiReader(bytes.NewReader(begin), r.Body), r.Body}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// again is a body whose begin was read already.
type again struct {
	io.Reader
	io.Closer
}

// operationOf names what a request asks for, in the words of its service; "" when there are none.
func operationOf(service string, r *http.Request) string {
	switch service {
	case "ecr":
		return r.Header.Get("X-Amz-Target")[len(ecrapi.Target):]
	case "registry":
		return registry.Operation(r)
	case "sts":
		return sts.Operation(r)
	case "s3":
		return s3.Operation(r)
	}
	return ""
}

// refusal is how a service says that it will not.
type refusal struct {
	status        int
	code, message string
}

// refusals are the services' own words ("Common error types" and "Error responses" of the API References).
var refusals = map[Kind]map[string]refusal{
	Throttle: {
		"ecr":      {http.StatusBadRequest, "ThrottlingException", "Rate exceeded"},
		"registry": {http.StatusTooManyRequests, "TOOMANYREQUESTS", "Rate exceeded"},
		"s3":       {http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate."},
		"sts":      {http.StatusBadRequest, "Throttling", "Rate exceeded"},
	},
	ServerError: {
		"ecr":      {http.StatusInternalServerError, "ServerException", "The service failed, as a fault of the local AWS has it"},
		"registry": {http.StatusInternalServerError, "UNKNOWN", "The service failed, as a fault of the local AWS has it"},
		"s3":       {http.StatusInternalServerError, "InternalError", "We encountered an internal error. Please try again."},
		"sts":      {http.StatusInternalServerError, "InternalFailure", "The service failed, as a fault of the local AWS has it"},
	},
	Denied: {
		"ecr":      {http.StatusBadRequest, "AccessDeniedException", deniedText},
		"registry": {http.StatusForbidden, "DENIED", deniedText},
		"s3":       {http.StatusForbidden, "AccessDenied", "Access Denied"},
		"sts":      {http.StatusForbidden, "AccessDenied", deniedText},
	},
	Expired: {
		"ecr":      {http.StatusBadRequest, "ExpiredTokenException", "The security token included in the request is expired"},
		"registry": {http.StatusForbidden, "DENIED", "Your authorization token has expired. Reauthenticate and try again."},
		"s3":       {http.StatusBadRequest, "ExpiredToken", "The provided token has expired."},
		"sts":      {http.StatusForbidden, "ExpiredToken", "The security token included in the request is expired"},
	},
}

const deniedText = "User is not authorized to perform this action because no identity-based policy allows it"

// maxUnread is how much of a refused request's body is read, so that a client that is still sending it hears the refusal.
const maxUnread = 64 << 20

// answer answers as the fault says, and returns the status.
func (f *Fault) answer(w http.ResponseWriter, r *http.Request, service string) int {
	_, _ = io.CopyN(io.Discard, r.Body, maxUnread) // it may well be shorter
	is := refusals[f.Kind][service]
	if f.Status != 0 {
		is.status = f.Status
	}
	refuse(w, r, service, is)
	return is.status
}

// refuse answers in the form of a service.
func refuse(w http.ResponseWriter, r *http.Request, service string, is refusal) {
	switch service {
	case "ecr":
		ecrapi.WriteError(w, is.status, &catalog.Error{Code: is.code, Message: is.message})
	case "registry":
		registry.Refuse(w, r, is.status, is.code, is.message)
	case "sts":
		sts.Refuse(w, is.status, is.code, is.message)
	default:
		s3.Refuse(w, r, is.status, is.code, is.message)
	}
}
