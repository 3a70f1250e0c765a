package localaws_test

import (
	"strings"
	"testing"
)

// TestAWSCLIKeepsState has the AWS CLI do what a person does who looks after a state bucket.
func TestAWSCLIKeepsState(t *testing.T) {
	takesLong(t)
	t.Parallel()
	c := newCLI(t)
	on := func(operation string, more ...string) string {
		t.Helper()
		return c.aws(append([]string{"s3api", operation, "--bucket", "state"}, more...)...)
	}
	c.aws("s3", "mb", "s3://state")
	on("put-bucket-versioning", "--versioning-configuration", "Status=Enabled")
	wantText(t, "versioning", on("get-bucket-versioning", "--query", "Status"), "Enabled")
	c.keepSettings(on)

	c.file("a/one", "first\n")
	c.file("a/large", strings.Repeat("0123456789abcde\n", 9<<16)) // 9 MiB: the AWS CLI sends and gets it in parts
	c.aws("s3", "sync", "a", "s3://state/a")
	c.file("a/one", "second, longer\n")
	c.aws("s3", "sync", "a", "s3://state/a")
	wantText(t, "the keys", c.aws("s3", "ls", "s3://state/a/large")[20:], "9437184 large")
	c.aws("s3", "sync", "s3://state/a", "b")
	c.aws("s3", "cp", "s3://state/a/large", "large")
	wantText(t, "what came back", c.run("", "cmp", "a/large", "large")+c.run("", "cmp", "a/one", "b/one"), "")

	first := strings.TrimSpace(on("list-object-versions", "--prefix", "a/one", "--query", "Versions[?!IsLatest].VersionId"))
	on("copy-object", "--key", "a/one", "--copy-source", "state/a/one?versionId="+first)
	wantText(t, "the restored version", c.aws("s3", "cp", "s3://state/a/one", "-"), "first")
	c.aws("s3", "cp", "s3://state/a/one", "s3://state/copy")
	c.aws("s3", "rm", "--recursive", "s3://state/a")
	markers := on("list-object-versions", "--page-size", "1", "--query", "length(DeleteMarkers)", "--output", "json")
	wantText(t, "how many markers there are", markers, "2") // in text, each page would be printed for itself
	c.refusedByAWS("NotImplemented", "s3api", "list-objects", "--bucket", "state")
	c.refusedByAWS("ListMultipartUploads", "s3api", "list-multipart-uploads", "--bucket", "state")

	ids := on("list-object-versions", "--output", "json", "--query",
		"{Objects: [Versions, DeleteMarkers][][].{Key: Key, VersionId: VersionId}}")
	on("delete-objects", "--delete", ids)
	c.aws("s3", "rb", "s3://state")
}

// keepSettings writes a bucket's settings and reads them back.
func (c *cli) keepSettings(on func(string, ...string) string) {
	c.t.Helper()
	for _, setting := range []struct{ put, value, get, query, want string }{
		{
			"encryption", `--server-side-encryption-configuration={"Rules":[{"ApplyServerSideEncryptionByDefault":` +
				`{"SSEAlgorithm":"aws:kms","KMSMasterKeyID":"k"},"BucketKeyEnabled":true}]}`, "bucket-encryption",
			"ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm", "aws:kms",
		},
		{"tagging", "--tagging=TagSet=[{Key=team,Value=blue}]", "bucket-tagging", "TagSet[].Value", "blue"},
		{
			"ownership-controls", "--ownership-controls=Rules=[{ObjectOwnership=BucketOwnerPreferred}]",
			"bucket-ownership-controls", "OwnershipControls.Rules[0].ObjectOwnership", "BucketOwnerPreferred",
		},
		{
			"lifecycle-configuration", `--lifecycle-configuration={"Rules":[{"ID":"old","Status":"Enabled",` +
				`"Filter":{"Prefix":""},"NoncurrentVersionExpiration":{"NoncurrentDays":90}}]}`,
			"bucket-lifecycle-configuration", "Rules[].ID", "old",
		},
		{
			"policy", `--policy={"Version":"2012-10-17","Statement":[{"Sid":"tls","Effect":"Deny","Principal":"*",` +
				`"Action":"s3:*","Resource":"arn:aws:s3:::state/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`,
			"bucket-policy", "length(Policy) > `0`", "True",
		},
	} {
		on("put-bucket-"+setting.put, setting.value)
		wantText(c.t, setting.put, on("get-"+setting.get, "--query", setting.query), setting.want)
	}
	on("put-public-access-block", "--public-access-block-configuration", "BlockPublicAcls=true")
	wantText(c.t, "public access", on("get-public-access-block", "--query",
		"PublicAccessBlockConfiguration.[BlockPublicAcls,BlockPublicPolicy]"), "True\tFalse")
}
