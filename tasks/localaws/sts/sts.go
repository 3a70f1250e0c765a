package sts

import (
	"crypto/rand"
	"net/http"
	"path"
	"slices"
	"time"
)

const (
	version = "2011-06-15" // of the API, the only one there is
	maxBody = 64 << 10     // bytes of a form; GetCallerIdentity takes 43
	userID  = "AIDALOCALAWSUSER00000"
	roleID  = "AROALOCALAWSROLE00000"

	getCallerIdentity = "GetCallerIdentity"
	assumeRole        = "AssumeRole"
)

// New serves STS. An access key that names no account is of the given one, which has twelve digits.
func New(account string, now func() time.Time) http.Handler { return handler{account, now} }

type handler struct {
	account string
	now     func() time.Time
}

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := newRequestID()
	w.Header().Set("x-amzn-RequestId", id)
	if err := h.serve(w, r, id); err != nil {
		refuse(w, id, err)
	}
}

// serve reads the request in the order AWS does: who asks, in which version, for what.
func (h handler) serve(w http.ResponseWriter, r *http.Request, id string) *failure {
	if r.Method != http.MethodPost && r.Method != http.MethodGet {
		return &failure{
			http.StatusMethodNotAllowed, "MethodNotAllowed",
			"The method " + r.Method + " is not allowed: the Query protocol is GET and POST",
		}
	}
	if r.Header.Get("Authorization") == "" {
		return &failure{http.StatusForbidden, "MissingAuthenticationToken", "Request is missing Authentication Token"}
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		return &failure{
			http.StatusBadRequest, "MalformedQueryString",
			"The query string contains a syntax error: " + err.Error(),
		}
	}
	switch action := r.Form.Get("Action"); {
	case action == "":
		return &failure{http.StatusBadRequest, "MissingAction", "The request is missing an action or a required parameter"}
	case !slices.Contains(Operations(), action) || r.Form.Get("Version") != version:
		return &failure{
			http.StatusBadRequest, "InvalidAction",
			"Could not find operation " + action + " for version " + r.Form.Get("Version") +
				". The local STS has GetCallerIdentity and AssumeRole, version " + version + ", alone",
		}
	case action == assumeRole:
		return h.assume(w, r.Form, id)
	}
	who := Caller(accessKey(r), r.Header.Get("X-Amz-Security-Token"), h.account)
	user := userID
	if who.Role != "" {
		user = roleID + ":" + path.Base(who.ARN)
	}
	respond(w, identity{ARN: who.ARN, UserID: user, Account: who.Account, RequestID: id})
	return nil
}

// newRequestID has the shape of a UUID.
func newRequestID() string {
	const hex = "0123456789abcdef"
	raw := make([]byte, 36)
	_, _ = rand.Read(raw) // never fails, by its documentation
	for i := range raw {
		raw[i] = hex[raw[i]&15]
	}
	for _, i := range []int{8, 13, 18, 23} {
		raw[i] = '-'
	}
	raw[14] = '4'
	return string(raw)
}
