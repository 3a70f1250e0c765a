package sts

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
)

// Operation names what a request asks for: its action; "" when there is none to be read. The request's body can be read
// again afterwards.
func Operation(r *http.Request) string {
	if action := r.URL.Query().Get("Action"); action != "" || r.Body == nil {
		return action
	}
	begin, _ := io.ReadAll(io.LimitReader(r.Body, maxBody)) // an error comes again when the rest is read
	r.Body = &again{io.MultiReader(bytes.NewReader(begin), r.Body), r.Body}
	form, err := url.ParseQuery(string(begin))
	if err != nil {
		return ""
	}
	return form.Get("Action")
}

// again is a body whose begin was read already.
type again struct {
	io.Reader
	io.Closer
}

// Operations are the actions that there are.
func Operations() []string { return []string{assumeRole, getCallerIdentity} }

// Refuse writes an error of somebody else's choice, in the form that this package gives its own.
func Refuse(w http.ResponseWriter, status int, code, message string) {
	id := newRequestID()
	w.Header().Set("x-amzn-RequestId", id)
	refuse(w, id, &failure{status, code, message})
}
