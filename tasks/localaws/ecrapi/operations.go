package ecrapi

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
	"ListImages":                    op(listImages),
	"DescribeImages":                op(describeImages),
	"BatchGetImage":                 op(batchGetImage),
	"BatchDeleteImage":              op(batchDeleteImage),
	"PutImage":                      op(putImage),
	"BatchCheckLayerAvailability":   op(batchCheckLayerAvailability),
	"InitiateLayerUpload":           op(initiateLayerUpload),
	"UploadLayerPart":               op(uploadLayerPart),
	"CompleteLayerUpload":           op(completeLayerUpload),
	"GetAuthorizationToken":         op(getAuthorizationToken),
	"DescribeRegistry":              op(describeRegistry),
	"GetAccountSetting":             op(getAccountSetting),
	"PutAccountSetting":             op(putAccountSetting),
}

// unsupported is what else Amazon ECR can do (botocore, ecr/2015-09-21).
var unsupported = set(
	"BatchGetRepositoryScanningConfiguration", "CreatePullThroughCacheRule", "CreateRepositoryCreationTemplate",
	"DeletePullThroughCacheRule", "DeleteRegistryPolicy", "DeleteRepositoryCreationTemplate", "DeleteSigningConfiguration",
	"DeregisterPullTimeUpdateExclusion", "DescribeImageReplicationStatus", "DescribeImageScanFindings",
	"DescribeImageSigningStatus", "DescribePullThroughCacheRules", "DescribeRepositoryCreationTemplates",
	"GetDownloadUrlForLayer", "GetLifecyclePolicyPreview", "GetRegistryPolicy", "GetRegistryScanningConfiguration",
	"GetSigningConfiguration", "ListImageReferrers", "ListPullTimeUpdateExclusions", "PutRegistryPolicy",
	"PutRegistryScanningConfiguration", "PutReplicationConfiguration", "PutSigningConfiguration",
	"RegisterPullTimeUpdateExclusion", "StartImageScan", "StartLifecyclePolicyPreview", "UpdateImageStorageClass",
	"UpdatePullThroughCacheRule", "UpdateRepositoryCreationTemplate", "ValidatePullThroughCacheRule",
)

func set(names ...string) map[string]bool {
	out := make(map[string]bool, len(names))
	for _, name := range names {
		out[name] = true
	}
	return out
}
