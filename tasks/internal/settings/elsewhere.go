package settings

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// elsewhere are the arguments by which Terraform asks another address, or acts as somebody else, than these targets. The
// S3 backend and the AWS provider share their names.
var elsewhere = slices.Concat(
	because("Terraform uses this address, and these targets do not", " and set endpoint_url in the AWS profile",
		"endpoint", "endpoints", "iam_endpoint", "sts_endpoint"),
	because("Terraform acts as this role, and these targets do not", " and set role_arn in the AWS profile",
		"assume_role", "assume_role_with_web_identity", "role_arn"),
	because("Terraform uses this key, and these targets do not", " and put the key into the AWS profile",
		"access_key", "secret_key", "token"),
	because("Terraform reads profiles there, and these targets do not",
		" and set AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE",
		"shared_config_files", "shared_credentials_file", "shared_credentials_files"),
)

func because(problem, instead string, names ...string) (all []argument) {
	for _, name := range names {
		all = append(all, argument{name, problem, instead})
	}
	return all
}

// argument is one of them, and the way out.
type argument struct{ name, problem, instead string }

// elsewhereAnd is a schema that finds these arguments, and more, in a block.
func elsewhereAnd(more ...string) *hcl.BodySchema {
	schema := &hcl.BodySchema{}
	for _, name := range more {
		schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: name})
	}
	for _, a := range elsewhere {
		schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: a.name})
		schema.Blocks = append(schema.Blocks, hcl.BlockHeaderSchema{Type: a.name})
	}
	return schema
}

// Differences are what makes a backend that Terraform was initialised for another one than b: its type, and its
// arguments as Terraform keeps them in JSON. What may be a secret is not shown.
func (b Backend) Differences(kind string, config map[string]any) []string {
	if kind != "s3" {
		return []string{fmt.Sprintf("the backend is %q, and backend.tf says \"s3\"", kind)}
	}
	var found []string
	for _, want := range []struct {
		name  string
		value any
	}{
		{"bucket", b.Bucket}, {"key", b.Key}, {"region", b.Region}, {"use_lockfile", true}, {"dynamodb_table", nil},
	} {
		if got := config[want.name]; got != want.value && !(want.value == nil && unset(got)) {
			found = append(found, fmt.Sprintf("%s is %s, and backend.tf says %s", want.name, shown(got), shown(want.value)))
		}
	}
	for _, a := range elsewhere {
		if !unset(config[a.name]) {
			found = append(found, fmt.Sprintf("%s is set, and backend.tf does not set it: %s", a.name, a.problem))
		}
	}
	return found
}

// unset is whether a value has no effect: Terraform keeps null for what is not set, and for each part of it.
func unset(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case string:
		return value == ""
	case []any:
		return !slices.ContainsFunc(value, func(part any) bool { return !unset(part) })
	case map[string]any:
		for _, part := range value {
			if !unset(part) {
				return false
			}
		}
		return true
	}
	return false
}

func shown(value any) string {
	asJSON, _ := json.Marshal(value) // which it came from
	return string(asJSON)
}
