package ecrapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

// Target is what the header X-Amz-Target begins with when a request is for ECR.
const Target = "AmazonEC2ContainerRegistry_V20150921."

// API answers for one account.
type API struct {
	catalog *catalog.Catalog
	log     func(format string, args ...any)
	large   chan struct{} // the place for one large request
}

// New returns the API of a catalog. log is told of failures of the store.
func New(c *catalog.Catalog, log func(format string, args ...any)) *API {
	return &API{c, log, make(chan struct{}, 1)}
}

// Signed is what the signature of a request says, and where that is.
type Signed struct {
	Region string
	Caller catalog.Caller
	Host   string // of the registry of the caller's account, with its port
	Peer   Peer
}

// Peer returns the ECR of another account, and the address of its registry; nil where there is none. A nil Peer knows
// no other account.
type Peer func(account string) (c *catalog.Catalog, host string)

// call is one request: the registry it is for, and how that registry is called from outside.
type call struct {
	*catalog.Registry
	signed Signed
	action string // that a policy would allow: ecr:PutImage
}

// Serve answers a request.
func (a *API) Serve(w http.ResponseWriter, r *http.Request, signed Signed) {
	out, err := a.answer(w, r, signed)
	if err != nil {
		a.refuse(w, err)
		return
	}
	write(w, http.StatusOK, out)
}

func (a *API) answer(w http.ResponseWriter, r *http.Request, signed Signed) (any, error) {
	name := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), Target)
	run, ok := operations[name]
	if !ok {
		return nil, &catalog.Error{Code: "UnknownOperationException", Message: unknown(name)}
	}
	registry, err := a.catalog.Registry(signed.Region)
	if err != nil {
		return nil, err
	}
	body, done, err := a.body(w, r)
	defer done()
	if err != nil {
		return nil, err
	}
	return run(call{registry, signed, Action(name)}, body)
}

// Action is the IAM action of an operation. The API Reference of ListImageReferrers says that it has none of its own.
func Action(of string) string {
	if of == "ListImageReferrers" {
		of = "BatchGetImage"
	}
	return "ecr:" + of
}

func unknown(name string) string {
	if unsupported[name] {
		return fmt.Sprintf("Operation %s of Amazon ECR is not supported by the local AWS", name)
	}
	return fmt.Sprintf("Operation %q is none of Amazon ECR", name)
}

// refuse writes an exception as ECR does: 400 for every refusal, 500 when the service is at fault.
func (a *API) refuse(w http.ResponseWriter, err error) {
	if refused := (*catalog.Error)(nil); errors.As(err, &refused) {
		WriteError(w, http.StatusBadRequest, refused)
		return
	}
	a.log("answering an ECR request: %v", err)
	status := http.StatusInternalServerError
	if errors.Is(err, syscall.ENOSPC) { // no client tries again then
		status = http.StatusInsufficientStorage
	}
	WriteError(w, status,
		&catalog.Error{Code: "ServerException", Message: "The local AWS failed: " + err.Error()})
}

// WriteError writes an exception in the form of AWS JSON 1.1.
func WriteError(w http.ResponseWriter, status int, e *catalog.Error) {
	body := map[string]any{"__type": e.Code, "message": e.Message}
	for k, v := range e.Details {
		body[k] = v
	}
	write(w, status, body)
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("x-amzn-RequestId", catalog.NewUUID())
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v) // the client is gone
}
