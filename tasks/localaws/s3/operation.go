package s3

import (
	"net/http"
	"slices"
)

// Operation names what a request asks for, as the S3 API Reference does: "PutObject". It is "" for what is not
// implemented.
func Operation(hr *http.Request) string {
	r := &request{Request: hr}
	if r.parse() != nil {
		return ""
	}
	rt, err := routeOf(r)
	if err != nil {
		return ""
	}
	if rt.name == "PutObject" && r.Header.Get("X-Amz-Copy-Source") != "" {
		return "CopyObject"
	}
	return rt.name
}

// Operations are the names of all that is implemented, sorted.
func Operations() []string {
	names := []string{"CopyObject"} // which only a header tells from PutObject
	for _, rt := range routes {
		if rt.do != nil {
			names = append(names, rt.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Refuse writes an error document with a code and message of the caller, in the form of this package's own.
func Refuse(w http.ResponseWriter, hr *http.Request, status int, code, message string) {
	r := &request{Request: hr, id: newRequestID()}
	w.Header().Set("x-amz-request-id", r.id)
	w.Header().Set("x-amz-id-2", hostID)
	refuse(w, r, newError(status, code, message))
}
