package localaws

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"

	"envoy-proxy-poc/tasks/localaws/ecrapi"
	"envoy-proxy-poc/tasks/localaws/registry"
)

// Permission is what IAM would be asked before a request is answered.
type Permission struct {
	Action string // ecr:PutImage

	// Resource is what the ARN ends with: "repository/NAME" of ECR, "BUCKET" or "BUCKET/KEY" of S3. "" is for actions on
	// nothing in particular, which a policy allows on "*" alone.
	Resource string
}

// permissions are what a request needs, by the tables of the Service Authorization Reference for ECR and S3 and, for
// the registry's requests, which that does not know, by the ECR user guide (private repository policies, image push and
// pull). STS GetCallerIdentity and the presigned addresses of layers need none. The request's body can be read again
// afterwards.
func permissions(service string, r *http.Request) []Permission {
	operation := operationOf(service, r)
	switch service {
	case "ecr":
		return ecrPermissions(operation, r)
	case "registry":
		return registryPermissions(operation, r)
	case "s3":
		bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		if key != "" {
			bucket += "/" + key
		}
		return on(bucket, s3Actions(operation)...)
	}
	return nil
}

func on(resource string, actions ...string) []Permission {
	var needed []Permission
	for _, action := range actions {
		needed = append(needed, Permission{action, resource})
	}
	return needed
}

// ecrPermissions are named as the operations are; tags that come with a new repository are asked for apart.
func ecrPermissions(operation string, r *http.Request) []Permission {
	var input struct {
		RepositoryName, ResourceArn string
		RepositoryNames             []string
		Tags                        []any
	}
	// The limit is more than any input; an error comes again when the rest is read.
	body, _ := io.ReadAll(io.LimitReader(r.Body, 32<<20))
	r.Body = &again{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
	_ = json.Unmarshal(body, &input) // what is none is refused in a moment
	action := ecrapi.Action(operation)
	names := input.RepositoryNames
	if input.RepositoryName != "" {
		names = append(names, input.RepositoryName)
	}
	if _, name, found := strings.Cut(input.ResourceArn, ":repository/"); found {
		names = append(names, name)
	}
	if names == nil {
		return on("", action)
	}
	var needed []Permission
	for _, name := range names {
		needed = append(needed, Permission{action, "repository/" + name})
		if operation == "CreateRepository" && len(input.Tags) > 0 {
			needed = append(needed, Permission{"ecr:TagResource", "repository/" + name})
		}
	}
	return needed
}

var registryPath = regexp.MustCompile(`^/v2/(.+)/(?:manifests|blobs|tags|referrers)/`)

func registryPermissions(operation string, r *http.Request) []Permission {
	match := registryPath.FindStringSubmatch(r.URL.Path)
	if match == nil {
		return nil
	}
	var needed []Permission
	if action := registry.Action(operation); action != "" {
		needed = on("repository/"+match[1], action)
	}
	if operation == "PUT uploads" && r.ContentLength != 0 { // the last part comes along
		needed = append(needed, on("repository/"+match[1], "ecr:UploadLayerPart")...)
	}
	// A layer of another repository is mounted.
	if from := r.URL.Query().Get("from"); operation == "POST uploads" && from != "" {
		needed = append(needed, on("repository/"+from, "ecr:GetDownloadUrlForLayer")...)
	}
	return needed
}

// s3Renamed are the operations of S3 whose actions are called otherwise.
var s3Renamed = map[string][]string{
	// With an owner and tags, as this project makes its bucket (API Reference, CreateBucket and
	// CreateBucketConfiguration).
	"CreateBucket": {"s3:CreateBucket", "s3:PutBucketOwnershipControls", "s3:TagResource"},

	"HeadBucket": {"s3:ListBucket"}, "ListObjectsV2": {"s3:ListBucket"},
	"ListObjectVersions": {"s3:ListBucketVersions"}, "ListBuckets": {"s3:ListAllMyBuckets"},
	"HeadObject": {"s3:GetObject"}, "DeleteObjects": {"s3:DeleteObject"},
	"CopyObject":            {"s3:GetObject", "s3:PutObject"},
	"CreateMultipartUpload": {"s3:PutObject"}, "UploadPart": {"s3:PutObject"}, "CompleteMultipartUpload": {"s3:PutObject"},
	"GetBucketEncryption": {"s3:GetEncryptionConfiguration"}, "PutBucketEncryption": {"s3:PutEncryptionConfiguration"},
	"DeleteBucketEncryption": {"s3:PutEncryptionConfiguration"},
	"GetPublicAccessBlock":   {"s3:GetBucketPublicAccessBlock"}, "PutPublicAccessBlock": {"s3:PutBucketPublicAccessBlock"},
	"DeletePublicAccessBlock":         {"s3:PutBucketPublicAccessBlock"},
	"GetBucketLifecycleConfiguration": {"s3:GetLifecycleConfiguration"},
	"PutBucketLifecycleConfiguration": {"s3:PutLifecycleConfiguration"},
	"DeleteBucketLifecycle":           {"s3:PutLifecycleConfiguration"}, "DeleteBucketTagging": {"s3:PutBucketTagging"},
	"DeleteBucketOwnershipControls": {"s3:PutBucketOwnershipControls"},
}

func s3Actions(operation string) []string {
	switch actions, renamed := s3Renamed[operation]; {
	case renamed:
		return actions
	case operation == "":
		return nil
	}
	return []string{"s3:" + operation}
}
