package localaws_test

import (
	"strings"
	"testing"

	"envoy-proxy-poc/tasks/localaws"
)

// TestRequiredMembers leaves out one after the other what the API's model requires; null is as good as nothing.
func TestRequiredMembers(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	for operation, members := range map[string]string{
		"CreateRepository": "repositoryName", "DeleteRepository": "repositoryName",
		"ListTagsForResource": "resourceArn", "TagResource": "resourceArn tags", "UntagResource": "resourceArn tagKeys",
		"PutImageTagMutability": "repositoryName imageTagMutability", "PutImageScanningConfiguration": "repositoryName imageScanningConfiguration",
		"SetRepositoryPolicy": "repositoryName policyText", "GetRepositoryPolicy": "repositoryName", "DeleteRepositoryPolicy": "repositoryName",
		"PutLifecyclePolicy": "repositoryName lifecyclePolicyText", "GetLifecyclePolicy": "repositoryName", "DeleteLifecyclePolicy": "repositoryName",
		"StartLifecyclePolicyPreview": "repositoryName", "GetLifecyclePolicyPreview": "repositoryName",
		"ListImages": "repositoryName", "DescribeImages": "repositoryName", "BatchGetImage": "repositoryName imageIds",
		"BatchDeleteImage": "repositoryName imageIds", "PutImage": "repositoryName imageManifest",
		"UpdateImageStorageClass":     "repositoryName imageId targetStorageClass",
		"BatchCheckLayerAvailability": "repositoryName layerDigests", "InitiateLayerUpload": "repositoryName",
		"UploadLayerPart":     "repositoryName uploadId partFirstByte partLastByte layerPartBlob",
		"CompleteLayerUpload": "repositoryName uploadId layerDigests", "GetAccountSetting": "name", "PutAccountSetting": "name value",
	} {
		body := ""
		for _, member := range strings.Fields(members) {
			want := "Invalid parameter at '" + member + "' failed to satisfy constraint: 'Member must not be null'"
			for _, body := range []string{"{" + strings.TrimSuffix(body, ",") + "}", "{" + body + `"` + member + `":null}`} {
				status, code, message := l.call("AmazonEC2ContainerRegistry_V20150921."+operation, body, signed)
				if status != 400 || code != "InvalidParameterException" || message != want {
					t.Errorf("%s of %s = %d %s: %s, want %s", operation, body, status, code, message, want)
				}
			}
			body += `"` + member + `":` + samples[member] + ","
		}
	}
}

// samples are values of the type that a member has.
var samples = map[string]string{
	"repositoryName": `"app"`, "resourceArn": `"arn"`, "tags": `[]`, "imageIds": `[]`, "imageId": `{"imageTag":"v1"}`, "uploadId": `"id"`,
	"partFirstByte": `0`, "partLastByte": `0`, "layerPartBlob": `""`, "layerDigests": `[]`, "name": `"BLOB_MOUNTING"`, "value": `"ENABLED"`,
	"imageTagMutability": `"MUTABLE"`, "imageScanningConfiguration": `{}`, "policyText": `""`, "lifecyclePolicyText": `""`,
	"imageManifest": `""`, "targetStorageClass": `"ARCHIVE"`, "tagKeys": `[]`,
}

func TestConstraints(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	const at = "Invalid parameter at '"
	name := at + "repositoryName' failed to satisfy constraint: '"
	for _, c := range []struct{ operation, body, message string }{
		{"CreateRepository", `{"repositoryName":""}`, name + "must have length greater than or equal to 2'"},
		{"CreateRepository", `{"repositoryName":"` + strings.Repeat("a", 257) + `"}`, name + "must have length less than or equal to 256'"},
		{"CreateRepository", `{"repositoryName":"Bad_Name!"}`, name + `must satisfy regular expression '[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*''`},
		{"BatchDeleteImage", `{"repositoryName":"app","imageIds":[]}`, at + "imageIds' failed to satisfy constraint: 'Member must have length greater than or equal to 1'"},
		{"BatchGetImage", `{"repositoryName":"app","imageIds":[` + strings.Repeat("{},", 100) + `{}]}`, at + "imageIds' failed to satisfy constraint: 'Member must have length less than or equal to 100'"},
		{"DescribeImages", `{"repositoryName":"app","imageIds":[{}]}`, "Invalid request parameters: both tag and digest cannot be null"},
		{"DescribeImages", `{"repositoryName":"app","imageIds":[{"imageTag":"v1"}],"maxResults":5}`, at + "maxResults' failed to satisfy constraint: 'Member must be null when 'imageIds' is specified'"},
		{"ListImages", `{"repositoryName":"app","maxResults":1001}`, at + "maxResults' failed to satisfy constraint: 'Member must have value less than or equal to 1000'"},
		{
			"PutImageTagMutability", `{"repositoryName":"app","imageTagMutability":"SOME"}`,
			at + "imageTagMutability' failed to satisfy constraint: 'Member must satisfy enum value set: [IMMUTABLE, MUTABLE, MUTABLE_WITH_EXCLUSION, IMMUTABLE_WITH_EXCLUSION]'",
		},
		{"PutLifecyclePolicy", `{"repositoryName":"app","lifecyclePolicyText":"{}"}`, at + "lifecyclePolicyText' failed to satisfy constraint: 'Member must have length greater than or equal to 100'"},
		{"StartLifecyclePolicyPreview", `{"repositoryName":"app","lifecyclePolicyText":""}`, at + "lifecyclePolicyText' failed to satisfy constraint: 'Member must have length greater than or equal to 100'"},
	} {
		status, code, message := l.call("AmazonEC2ContainerRegistry_V20150921."+c.operation, c.body, signed)
		if status != 400 || code != "InvalidParameterException" || message != c.message {
			t.Errorf("%s of %.120s = %d %s: %s, want %s", c.operation, c.body, status, code, message, c.message)
		}
	}
}
