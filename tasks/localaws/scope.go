package localaws

import (
	"net/http"
	"regexp"
	"strings"

	"envoy-proxy-poc/tasks/localaws/catalog"
	"envoy-proxy-poc/tasks/localaws/sts"
)

// scope is what a request was signed for, and with which access key. The signature itself is not checked.
type scope struct{ key, region, service string }

// callerOf is whose a request is; the first account's for one that is not signed.
func callerOf(r *http.Request, first string) catalog.Caller {
	signed, _ := scopeOf(r)
	return sts.Caller(signed.key, r.Header.Get("X-Amz-Security-Token"), first)
}

// credential is "Credential=KEY/DATE/REGION/SERVICE/aws4_request" of a Signature Version 4.
var credential = regexp.MustCompile(`Credential=([^/,\s]+)/(\d{8})/([a-z0-9-]{2,25})/([a-z0-9-]+)/aws4_request(?:,|\s|$)`)

func scopeOf(r *http.Request) (scope, *catalog.Error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return scope{}, &catalog.Error{Code: "MissingAuthenticationTokenException", Message: "Missing Authentication Token"}
	}
	match := credential.FindStringSubmatch(header)
	if !strings.HasPrefix(header, "AWS4-HMAC-SHA256 ") || match == nil || !strings.Contains(header, "Signature=") {
		return scope{}, &catalog.Error{
			Code:    "IncompleteSignatureException",
			Message: "Authorization header must be AWS4-HMAC-SHA256 with Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders and Signature.",
		}
	}
	return scope{match[1], match[3], match[4]}, nil
}
