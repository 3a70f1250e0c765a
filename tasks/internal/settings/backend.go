package settings

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// readBackend reads terraform { backend "s3" { … } }, which takes literals only.
func readBackend(f *file) Backend {
	block := s3Backend(f)
	if block == nil {
		return Backend{}
	}
	b := literals{f, block}
	return Backend{
		Bucket:  b.text("bucket", bucketRule, true),
		Key:     b.text("key", keyRule, true),
		Region:  b.text("region", regionRule, true),
		Profile: b.text("profile", profileRule, false),
		KMSKey:  b.text("kms_key_id", rule{}, false),
		Table:   b.text("dynamodb_table", rule{}, false),
	}
}

func s3Backend(f *file) *hclsyntax.Block {
	at := hcl.Range{Start: hcl.InitialPos}
	for _, terraform := range f.blocks("terraform") {
		at = terraform.DefRange()
		for _, block := range terraform.Body.Blocks {
			switch {
			case block.Type != "backend" || len(block.Labels) != 1:
			case block.Labels[0] == "s3":
				return block
			default:
				f.fault(block.DefRange(), `want backend "s3", found backend %q`, block.Labels[0])
				return nil
			}
		}
	}
	if !f.broken {
		f.fault(at, `want terraform { backend "s3" { … } }, found no backend`)
	}
	return nil
}

// readRequiredVersion reads terraform { required_version = "…" }; empty if there is none.
func readRequiredVersion(f *file) string {
	for _, block := range f.blocks("terraform") {
		it, ok := (literals{f, block}).item("required_version")
		if !ok {
			continue
		}
		constraint := it.text(rule{})
		if _, err := version.NewConstraint(constraint); err != nil && constraint != "" {
			it.fault(`want a constraint such as ">= 1.11.0, < 2.0.0", found %q`, constraint)
		}
		return constraint
	}
	return ""
}

// literals are the attributes of a block that may hold no references.
type literals struct {
	file  *file
	block *hclsyntax.Block
}

// item is not ok where the attribute is missing or at fault.
func (l literals) item(name string) (it item, ok bool) {
	attr := l.block.Body.Attributes[name]
	if attr == nil {
		return item{}, false
	}
	val, diags := attr.Expr.Value(nil)
	l.file.diagnose(diags)
	return item{file: l.file, name: name, val: val, expr: attr.Expr}, !diags.HasErrors()
}

func (l literals) text(name string, r rule, required bool) string {
	it, ok := l.item(name)
	switch {
	case ok && (required || !it.val.IsNull()):
		return it.text(r)
	case required && l.block.Body.Attributes[name] == nil:
		l.file.fault(l.block.DefRange(), "%s is missing: want %s", name, r.want)
	}
	return ""
}

// elsewhere are the arguments by which Terraform asks another address or acts as somebody else, and what to do instead.
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

// Arguments are those that an environment may set, for -backend-config.
func (b Backend) Arguments() map[string]string {
	arguments := map[string]string{"bucket": b.Bucket, "key": b.Key, "region": b.Region}
	if b.KMSKey != "" {
		arguments["kms_key_id"] = b.KMSKey
	}
	return arguments
}

// Differences are what makes a backend that Terraform was initialised for another one than e's. Secrets are not shown.
func (e Environment) Differences(kind string, config map[string]any) []string {
	if kind != "s3" {
		return []string{fmt.Sprintf("the backend is %q, and backend.tf says \"s3\"", kind)}
	}
	wanted := map[string]any{
		"bucket": e.Backend.Bucket, "key": e.Backend.Key, "region": e.Backend.Region, "use_lockfile": true,
	}
	says := "backend.tf says"
	if e.Given != "" {
		says = "environment " + e.Name + " has"
	}
	for name := range elsewhere {
		wanted[name] = nil
	}
	if e.Backend.Table == "" {
		wanted["dynamodb_table"] = nil
	}
	var found []string
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		switch got, want := config[name], wanted[name]; {
		case got == want, want == nil && got == "":
		case want == nil:
			found = append(found, name+" is set, and backend.tf does not set it")
		default:
			found = append(found, fmt.Sprintf("%s is %#v, and %s %#v", name, got, says, want))
		}
	}
	return found
}
