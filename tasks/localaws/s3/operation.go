package s3

import (
	"net/http"
	"slices"
)

// Operation names what a request asks for, as the S3 API Reference does: "PutObject"; "" for what is not implemented.
func Operation(hr *http.Request) string {
	r := &request{Request: hr}
	if r.parse() != nil {
		return ""
	}
	rt, err := routeOf(r)
	if err != nil {
		return ""
	}
	if copied := copies[rt.name]; copied != "" && r.Header.Get("X-Amz-Copy-Source") != "" {
		return copied
	}
	return rt.name
}

// copies are the operations that only a header tells from others.
var copies = map[string]string{"PutObject": "CopyObject", "UploadPart": "UploadPartCopy"}

// Operations are the names of all that is implemented, sorted.
func Operations() []string {
	var names []string
	for _, rt := range routes {
		names = append(names, rt.name)
	}
	for _, name := range copies {
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Refuse writes an error document of somebody else's choice, in the form that this package gives its own.
func Refuse(w http.ResponseWriter, hr *http.Request, status int, code, message string) {
	r := &request{Request: hr, id: newRequestID()}
	w.Header().Set("x-amz-request-id", r.id)
	w.Header().Set("x-amz-id-2", hostID)
	refuse(w, r, newError(status, code, message))
}
