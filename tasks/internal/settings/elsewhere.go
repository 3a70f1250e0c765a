package settings

import (
	"fmt"
	"maps"
	"slices"
)

// elsewhere are the arguments by which Terraform asks another address, or acts as somebody else, than these targets,
// and what to do instead. The S3 backend and the AWS provider share their names.
var elsewhere = map[string]string{
	"endpoint": ofAddress, "endpoints": ofAddress, "iam_endpoint": ofAddress, "sts_endpoint": ofAddress,
	"assume_role": ofRole, "assume_role_with_web_identity": ofRole, "role_arn": ofRole,
	"access_key": ofKey, "secret_key": ofKey, "token": ofKey,
	"shared_config_files": ofFiles, "shared_credentials_file": ofFiles, "shared_credentials_files": ofFiles,
}

const (
	ofAddress = "set endpoint_url in the AWS profile"
	ofRole    = "name the role in the AWS profile"
	ofKey     = "put the key into the AWS profile"
	ofFiles   = "set AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE"
)

// Differences are what makes a backend that Terraform was initialised for another one than b: its type, and its
// arguments as Terraform keeps them in JSON. What may be a secret is not shown.
func (b Backend) Differences(kind string, config map[string]any) []string {
	if kind != "s3" {
		return []string{fmt.Sprintf("the backend is %q, and backend.tf says \"s3\"", kind)}
	}
	wanted := map[string]any{
		"bucket": b.Bucket, "key": b.Key, "region": b.Region, "use_lockfile": true, "dynamodb_table": nil,
	}
	for name := range elsewhere {
		wanted[name] = nil
	}
	var found []string
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		switch got, want := config[name], wanted[name]; {
		case got == want, want == nil && got == "":
		case want == nil:
			found = append(found, name+" is set, and backend.tf does not set it")
		default:
			found = append(found, fmt.Sprintf("%s is %#v, and backend.tf says %#v", name, got, want))
		}
	}
	return found
}
