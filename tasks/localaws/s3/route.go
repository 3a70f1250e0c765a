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

// route is one operation: its name in the S3 API Reference, where, method, the query key that selects it, and the query keys it reads.
type route struct {
	name      string
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
	{"ListBuckets", onService, "GET", "", "max-buckets continuation-token prefix bucket-region", (*server).listBuckets, true},

	{"CreateBucket", onBucket, "PUT", "", "", (*server).createBucket, true},
	{"HeadBucket", onBucket, "HEAD", "", "", (*server).headBucket, false},
	{"DeleteBucket", onBucket, "DELETE", "", "", (*server).deleteBucket, false},
	{"GetBucketLocation", onBucket, "GET", "location", "", (*server).getBucketLocation, true},
	{"GetBucketAcl", onBucket, "GET", "acl", "", (*server).getBucketACL, false},
	{"GetBucketVersioning", onBucket, "GET", "versioning", "", (*server).getVersioning, false},
	{"PutBucketVersioning", onBucket, "PUT", "versioning", "", (*server).putVersioning, false},
	{"GetBucketEncryption", onBucket, "GET", "encryption", "", (*server).getEncryption, false},
	{"PutBucketEncryption", onBucket, "PUT", "encryption", "", (*server).putEncryption, false},
	{"DeleteBucketEncryption", onBucket, "DELETE", "encryption", "", (*server).deleteEncryption, false},
	{"GetPublicAccessBlock", onBucket, "GET", "publicAccessBlock", "", (*server).getPublicAccess, false},
	{"PutPublicAccessBlock", onBucket, "PUT", "publicAccessBlock", "", (*server).putPublicAccess, false},
	{"DeletePublicAccessBlock", onBucket, "DELETE", "publicAccessBlock", "", (*server).deletePublicAccess, false},
	{"GetBucketPolicy", onBucket, "GET", "policy", "", (*server).getPolicy, false},
	{"PutBucketPolicy", onBucket, "PUT", "policy", "", (*server).putPolicy, false},
	{"DeleteBucketPolicy", onBucket, "DELETE", "policy", "", (*server).deletePolicy, false},
	{"GetBucketPolicyStatus", onBucket, "GET", "policyStatus", "", (*server).getPolicyStatus, false},
	{"GetBucketTagging", onBucket, "GET", "tagging", "", (*server).getBucketTags, false},
	{"PutBucketTagging", onBucket, "PUT", "tagging", "", (*server).putBucketTags, false},
	{"DeleteBucketTagging", onBucket, "DELETE", "tagging", "", (*server).deleteBucketTags, false},
	{"GetBucketOwnershipControls", onBucket, "GET", "ownershipControls", "", (*server).getOwnership, false},
	{"PutBucketOwnershipControls", onBucket, "PUT", "ownershipControls", "", (*server).putOwnership, false},
	{"DeleteBucketOwnershipControls", onBucket, "DELETE", "ownershipControls", "", (*server).deleteOwnership, false},
	{"GetBucketLifecycleConfiguration", onBucket, "GET", "lifecycle", "", (*server).getLifecycle, false},
	{"PutBucketLifecycleConfiguration", onBucket, "PUT", "lifecycle", "", (*server).putLifecycle, false},
	{"DeleteBucketLifecycle", onBucket, "DELETE", "lifecycle", "", (*server).deleteLifecycle, false},

	{"ListObjects", onBucket, "GET", "", listParams + "marker", (*server).listObjectsV1, false},
	{"ListObjectsV2", onBucket, "GET", "list-type", listParams + "continuation-token start-after fetch-owner", (*server).listObjectsV2, false},
	{"ListObjectVersions", onBucket, "GET", "versions", listParams + "key-marker version-id-marker", (*server).listVersions, false},
	{"ListMultipartUploads", onBucket, "GET", "uploads", "prefix delimiter encoding-type max-uploads key-marker upload-id-marker", (*server).listUploads, false},
	{"DeleteObjects", onBucket, "POST", "delete", "", (*server).deleteObjects, false},

	{"PutObject", onObject, "PUT", "", "", (*server).putObject, false},
	{"GetObject", onObject, "GET", "", responseParams, (*server).getObject, false},
	{"HeadObject", onObject, "HEAD", "", responseParams, (*server).getObject, false},
	{"DeleteObject", onObject, "DELETE", "", "versionId", (*server).deleteObject, false},
	{"GetObjectTagging", onObject, "GET", "tagging", "versionId", (*server).getObjectTags, false},
	{"PutObjectTagging", onObject, "PUT", "tagging", "versionId", (*server).putObjectTags, false},
	{"DeleteObjectTagging", onObject, "DELETE", "tagging", "versionId", (*server).deleteObjectTags, false},
	{"CreateMultipartUpload", onObject, "POST", "uploads", "", (*server).createUpload, false},
	{"UploadPart", onObject, "PUT", "uploadId", "partNumber", (*server).putPart, false},
	{"ListParts", onObject, "GET", "uploadId", "max-parts part-number-marker encoding-type", (*server).listParts, false},
	{"CompleteMultipartUpload", onObject, "POST", "uploadId", "", (*server).completeUpload, false},
	{"AbortMultipartUpload", onObject, "DELETE", "uploadId", "", (*server).abortUpload, false},
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
