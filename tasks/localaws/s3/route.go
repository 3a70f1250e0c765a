package s3

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// level is what a path names.
type level string

const (
	onService level = "service"
	onBucket  level = "bucket"
	onObject  level = "object"
)

type handler func(*server, http.ResponseWriter, *request) error

// route is one operation: where, method, the query key that selects it, and the query keys it reads.
type route struct {
	level     level
	method    string
	key       string
	params    string
	do        handler
	anyRegion bool // the handler looks at the region itself
}

const (
	listParams     = "prefix delimiter encoding-type max-keys "
	responseParams = "versionId response-cache-control response-content-disposition response-content-encoding " +
		"response-content-language response-content-type response-expires"
)

// routes is the whole API: what is not here is not implemented.
var routes = []route{
	{onService, "GET", "", "max-buckets continuation-token prefix bucket-region", (*server).listBuckets, true},

	{onBucket, "PUT", "", "", (*server).createBucket, true},
	{onBucket, "HEAD", "", "", (*server).headBucket, false},
	{onBucket, "DELETE", "", "", (*server).deleteBucket, false},
	{onBucket, "GET", "location", "", (*server).getBucketLocation, true},
	{onBucket, "GET", "acl", "", (*server).getBucketACL, false},
	{onBucket, "GET", "versioning", "", (*server).getVersioning, false},
	{onBucket, "PUT", "versioning", "", (*server).putVersioning, false},
	{onBucket, "GET", "encryption", "", (*server).getEncryption, false},
	{onBucket, "PUT", "encryption", "", (*server).putEncryption, false},
	{onBucket, "DELETE", "encryption", "", (*server).deleteEncryption, false},
	{onBucket, "GET", "publicAccessBlock", "", (*server).getPublicAccess, false},
	{onBucket, "PUT", "publicAccessBlock", "", (*server).putPublicAccess, false},
	{onBucket, "DELETE", "publicAccessBlock", "", (*server).deletePublicAccess, false},
	{onBucket, "GET", "policy", "", (*server).getPolicy, false},
	{onBucket, "PUT", "policy", "", (*server).putPolicy, false},
	{onBucket, "DELETE", "policy", "", (*server).deletePolicy, false},
	{onBucket, "GET", "policyStatus", "", (*server).getPolicyStatus, false},
	{onBucket, "GET", "tagging", "", (*server).getBucketTags, false},
	{onBucket, "PUT", "tagging", "", (*server).putBucketTags, false},
	{onBucket, "DELETE", "tagging", "", (*server).deleteBucketTags, false},
	{onBucket, "GET", "ownershipControls", "", (*server).getOwnership, false},
	{onBucket, "PUT", "ownershipControls", "", (*server).putOwnership, false},
	{onBucket, "DELETE", "ownershipControls", "", (*server).deleteOwnership, false},
	{onBucket, "GET", "lifecycle", "", (*server).getLifecycle, false},
	{onBucket, "PUT", "lifecycle", "", (*server).putLifecycle, false},
	{onBucket, "DELETE", "lifecycle", "", (*server).deleteLifecycle, false},

	{onBucket, "GET", "", listParams + "marker", (*server).listObjectsV1, false},
	{onBucket, "GET", "list-type", listParams + "continuation-token start-after fetch-owner", (*server).listObjectsV2, false},
	{onBucket, "GET", "versions", listParams + "key-marker version-id-marker", (*server).listVersions, false},
	{onBucket, "GET", "uploads", "prefix delimiter encoding-type max-uploads key-marker upload-id-marker", (*server).listUploads, false},
	{onBucket, "POST", "delete", "", (*server).deleteObjects, false},

	{onObject, "PUT", "", "", (*server).putObject, false},
	{onObject, "GET", "", responseParams, (*server).getObject, false},
	{onObject, "HEAD", "", responseParams, (*server).getObject, false},
	{onObject, "DELETE", "", "versionId", (*server).deleteObject, false},
	{onObject, "GET", "tagging", "versionId", (*server).getObjectTags, false},
	{onObject, "PUT", "tagging", "versionId", (*server).putObjectTags, false},
	{onObject, "DELETE", "tagging", "versionId", (*server).deleteObjectTags, false},
	{onObject, "POST", "uploads", "", (*server).createUpload, false},
	{onObject, "PUT", "uploadId", "partNumber", (*server).putPart, false},
	{onObject, "GET", "uploadId", "max-parts part-number-marker encoding-type", (*server).listParts, false},
	{onObject, "POST", "uploadId", "", (*server).completeUpload, false},
	{onObject, "DELETE", "uploadId", "", (*server).abortUpload, false},
}

// routeOf finds the one operation that reads every query key of the request, or refuses it: a key
// that is passed over would make one operation out of another (PutObjectTagging would put an object).
func routeOf(r *request) (route, error) {
	switch r.Method {
	case "GET", "HEAD", "PUT", "POST", "DELETE":
	default:
		return route{}, errMethodNotAllowed.with("Method", r.Method)
	}
	for _, rt := range routes {
		if rt.level == r.level() && rt.method == r.Method && rt.reads(r.query) {
			return rt, nil
		}
	}
	keys := make([]string, 0, len(r.query))
	for key := range r.query {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	what := fmt.Sprintf("%s of the %s", r.Method, r.level())
	if len(keys) > 0 {
		what += fmt.Sprintf(" with the query keys %q", keys)
	}
	return route{}, notImplemented(what)
}

// reads reports whether the selecting key is in the query, and no key that the operation does not know.
func (rt route) reads(query map[string][]string) bool {
	if _, ok := query[rt.key]; rt.key != "" && !ok {
		return false
	}
	for key := range query {
		if key != rt.key && key != "x-id" && !slices.Contains(strings.Fields(rt.params), key) {
			return false // x-id is the operation's name, which SDKs add for the reader of logs
		}
	}
	return true
}
