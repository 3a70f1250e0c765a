package ecrapi

import (
	"maps"
	"slices"
)

// operations is what this API can do.
var operations = map[string]operation{
	"CreateRepository":              op(createRepository),
	"DescribeRepositories":          op(describeRepositories),
	"DeleteRepository":              op(deleteRepository),
	"ListTagsForResource":           op(listTagsForResource),
	"TagResource":                   op(tagResource),
	"UntagResource":                 op(untagResource),
	"PutImageTagMutability":         op(putImageTagMutability),
	"PutImageScanningConfiguration": op(putImageScanningConfiguration),
	"SetRepositoryPolicy":           op(setRepositoryPolicy),
	"GetRepositoryPolicy":           op(getRepositoryPolicy),
	"DeleteRepositoryPolicy":        op(deleteRepositoryPolicy),
	"PutLifecyclePolicy":            op(putLifecyclePolicy),
	"GetLifecyclePolicy":            op(getLifecyclePolicy),
	"DeleteLifecyclePolicy":         op(deleteLifecyclePolicy),
	"StartLifecyclePolicyPreview":   op(startLifecyclePolicyPreview),
	"GetLifecyclePolicyPreview":     op(getLifecyclePolicyPreview),
	"ListImages":                    op(listImages),
	"DescribeImages":                op(describeImages),
	"BatchGetImage":                 op(batchGetImage),
	"BatchDeleteImage":              op(batchDeleteImage),
	"PutImage":                      op(putImage),
	"UpdateImageStorageClass":       op(updateImageStorageClass),
	"BatchCheckLayerAvailability":   op(batchCheckLayerAvailability),
	"InitiateLayerUpload":           op(initiateLayerUpload),
	"UploadLayerPart":               op(uploadLayerPart),
	"CompleteLayerUpload":           op(completeLayerUpload),
	"GetDownloadUrlForLayer":        op(getDownloadURLForLayer),
	"ListImageReferrers":            op(listImageReferrers),
	"StartImageScan":                op(startImageScan),
	"DescribeImageScanFindings":     op(describeImageScanFindings),
	"GetAuthorizationToken":         op(getAuthorizationToken),
	"DescribeRegistry":              op(describeRegistry),
	"GetAccountSetting":             op(getAccountSetting),
	"PutAccountSetting":             op(putAccountSetting),

	"GetRegistryScanningConfiguration":        op(getRegistryScanningConfiguration),
	"PutRegistryScanningConfiguration":        op(putRegistryScanningConfiguration),
	"BatchGetRepositoryScanningConfiguration": op(batchGetRepositoryScanningConfiguration),
}

// unsupported is what else Amazon ECR can do (botocore ecr/2015-09-21, and the replication backfill of aws-sdk-go-v2 1.67).
var unsupported = set(
	"CreatePullThroughCacheRule", "CreateRepositoryCreationTemplate", "DeletePullThroughCacheRule",
	"DeleteRegistryPolicy", "DeleteRepositoryCreationTemplate", "DeleteSigningConfiguration",
	"DeregisterPullTimeUpdateExclusion", "DescribeImageReplicationStatus", "DescribeImageSigningStatus",
	"DescribePullThroughCacheRules", "DescribeRepositoryCreationTemplates", "GetRegistryPolicy",
	"GetSigningConfiguration", "ListPullTimeUpdateExclusions", "PutRegistryPolicy", "PutReplicationConfiguration",
	"PutSigningConfiguration", "RegisterPullTimeUpdateExclusion",
	"UpdatePullThroughCacheRule", "UpdateRepositoryCreationTemplate", "ValidatePullThroughCacheRule",
	"DescribeReplicationBackfillResults", "ListReplicationBackfills", "StartReplicationBackfill", "StopReplicationBackfill",
)

// Operations are the names of what this API can do, sorted.
func Operations() []string { return slices.Sorted(maps.Keys(operations)) }

func set(names ...string) map[string]bool {
	out := make(map[string]bool, len(names))
	for _, name := range names {
		out[name] = true
	}
	return out
}
