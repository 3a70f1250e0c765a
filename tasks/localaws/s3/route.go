package s3

import (
	"fmt"
	"maps"
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

// route is one operation: its name in the S3 API Reference, where, method, the query key that selects it, and the query
// keys it reads.
type route struct {
	name      string
	level     level
	method    string
	key       string
	params    string
	do        handler // nil: refused by name
	anyRegion bool    // the handler looks at the region itself
}

const (
	listParams     = "prefix delimiter encoding-type max-keys "
	v2Params       = listParams + "continuation-token start-after"
	versionsParams = listParams + "key-marker version-id-marker"
)

// routes is the whole API: what is not here is not implemented.
var routes = []route{
	{"ListBuckets", onService, "GET", "", "", (*server).listBuckets, true},

	{"CreateBucket", onBucket, "PUT", "", "", (*server).createBucket, true},
	{"HeadBucket", onBucket, "HEAD", "", "", (*server).headBucket, false},
	{"DeleteBucket", onBucket, "DELETE", "", "", (*server).deleteBucket, false},
	{"GetBucketLocation", onBucket, "GET", "location", "", (*server).getBucketLocation, true},
	{"GetBucketVersioning", onBucket, "GET", "versioning", "", versioningSetting.get, false},
	{"PutBucketVersioning", onBucket, "PUT", "versioning", "", versioningSetting.put, false},
	{"GetBucketEncryption", onBucket, "GET", "encryption", "", encryptionSetting.get, false},
	{"PutBucketEncryption", onBucket, "PUT", "encryption", "", encryptionSetting.put, false},
	{"DeleteBucketEncryption", onBucket, "DELETE", "encryption", "", encryptionSetting.delete, false},
	{"GetPublicAccessBlock", onBucket, "GET", "publicAccessBlock", "", publicAccessSetting.get, false},
	{"PutPublicAccessBlock", onBucket, "PUT", "publicAccessBlock", "", publicAccessSetting.put, false},
	{"DeletePublicAccessBlock", onBucket, "DELETE", "publicAccessBlock", "", publicAccessSetting.delete, false},
	{"GetBucketPolicy", onBucket, "GET", "policy", "", (*server).getPolicy, false},
	{"PutBucketPolicy", onBucket, "PUT", "policy", "", (*server).putPolicy, false},
	{"DeleteBucketPolicy", onBucket, "DELETE", "policy", "", (*server).deletePolicy, false},
	{"GetBucketTagging", onBucket, "GET", "tagging", "", taggingSetting.get, false},
	{"PutBucketTagging", onBucket, "PUT", "tagging", "", taggingSetting.put, false},
	{"DeleteBucketTagging", onBucket, "DELETE", "tagging", "", taggingSetting.delete, false},
	{"GetBucketOwnershipControls", onBucket, "GET", "ownershipControls", "", ownershipSetting.get, false},
	{"PutBucketOwnershipControls", onBucket, "PUT", "ownershipControls", "", ownershipSetting.put, false},
	{"DeleteBucketOwnershipControls", onBucket, "DELETE", "ownershipControls", "", ownershipSetting.delete, false},
	{"GetBucketLifecycleConfiguration", onBucket, "GET", "lifecycle", "", lifecycleSetting.get, false},
	{"PutBucketLifecycleConfiguration", onBucket, "PUT", "lifecycle", "", lifecycleSetting.put, false},
	{"DeleteBucketLifecycle", onBucket, "DELETE", "lifecycle", "", lifecycleSetting.delete, false},

	{"ListObjectsV2", onBucket, "GET", "list-type", v2Params, (*server).listObjects, false},
	{"ListObjectVersions", onBucket, "GET", "versions", versionsParams, (*server).listVersions, false},
	{"DeleteObjects", onBucket, "POST", "delete", "", (*server).deleteObjects, false},

	{"PutObject", onObject, "PUT", "", "", (*server).putObject, false},
	{"GetObject", onObject, "GET", "", "versionId", (*server).getObject, false},
	{"HeadObject", onObject, "HEAD", "", "versionId", (*server).getObject, false},
	{"DeleteObject", onObject, "DELETE", "", "versionId", (*server).deleteObject, false},
	{"CreateMultipartUpload", onObject, "POST", "uploads", "", (*server).createUpload, false},
	{"UploadPart", onObject, "PUT", "uploadId", "partNumber", (*server).putPart, false},
	{"CompleteMultipartUpload", onObject, "POST", "uploadId", "", (*server).completeUpload, false},
	{"AbortMultipartUpload", onObject, "DELETE", "uploadId", "", (*server).abortUpload, false},

	{"ListObjects", onBucket, "GET", "", listParams + "marker", nil, false},
	{"ListMultipartUploads", onBucket, "GET", "uploads", "", nil, false},
	{"GetBucketAcl", onBucket, "GET", "acl", "", nil, false},
	{"PutBucketAcl", onBucket, "PUT", "acl", "", nil, false},
	{"GetBucketPolicyStatus", onBucket, "GET", "policyStatus", "", nil, false},
	{"GetObjectTagging", onObject, "GET", "tagging", "", nil, false},
	{"PutObjectTagging", onObject, "PUT", "tagging", "", nil, false},
	{"DeleteObjectTagging", onObject, "DELETE", "tagging", "", nil, false},
	{"ListParts", onObject, "GET", "uploadId", "", nil, false},
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
		switch {
		case rt.level != r.level || rt.method != r.Method || !rt.reads(r.query):
		case rt.do == nil:
			return rt, notImplemented(rt.name)
		default:
			return rt, nil
		}
	}
	keys := slices.Sorted(maps.Keys(r.query))
	return route{}, notImplemented(fmt.Sprintf("%s of the %s with the query keys %q", r.Method, r.level, keys))
}

// reads reports whether the selecting key is in the query, and no key that the operation does not know.
func (rt route) reads(query map[string][]string) bool {
	if _, ok := query[rt.key]; rt.key != "" && (!ok || rt.do == nil) {
		return ok
	}
	for key := range query {
		if key != rt.key && key != "x-id" && !slices.Contains(strings.Fields(rt.params), key) {
			return false // x-id is the operation's name, which SDKs add for the reader of logs
		}
	}
	return true
}
