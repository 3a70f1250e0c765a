package s3

import (
	"errors"
	"testing"
)

func TestLifecycleRules(t *testing.T) {
	const expire = "<Expiration><Days>1</Days></Expiration>"
	for _, c := range []struct{ name, rule, code string }{
		{"an old rule", "<Prefix>a</Prefix><Status>Enabled</Status>" + expire, ""},
		{"for everything", "<Filter/><Status>Disabled</Status>" + expire, ""},
		{"by tag", "<Filter><Tag><Key>a</Key><Value>b</Value></Tag></Filter><Status>Enabled</Status>" + expire, ""},
		{"by several", "<Filter><And><Prefix>a</Prefix><Tag><Key>a</Key><Value>b</Value></Tag><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan></And></Filter><Status>Enabled</Status>" + expire, ""},
		{"by several without And", "<Filter><Prefix>a</Prefix><ObjectSizeLessThan>5</ObjectSizeLessThan></Filter><Status>Enabled</Status>" + expire, "MalformedXML"},
		{"prefix and filter", "<Prefix>a</Prefix><Filter/><Status>Enabled</Status>" + expire, "MalformedXML"},
		{"neither", "<Status>Enabled</Status>" + expire, "MalformedXML"},
		{"no status", "<Filter/>" + expire, "MalformedXML"},
		{"a transition", "<Filter/><Status>Enabled</Status><Transition><Days>30</Days><StorageClass>GLACIER</StorageClass></Transition>", ""},
		{"a transition to nowhere", "<Filter/><Status>Enabled</Status><Transition><Days>30</Days><StorageClass>STANDARD</StorageClass></Transition>", "MalformedXML"},
		{"a transition at no time", "<Filter/><Status>Enabled</Status><Transition><StorageClass>GLACIER</StorageClass></Transition>", "MalformedXML"},
		{"a noncurrent transition", "<Filter/><Status>Enabled</Status><NoncurrentVersionTransition><NoncurrentDays>30</NoncurrentDays><StorageClass>GLACIER</StorageClass></NoncurrentVersionTransition>", ""},
		{"a noncurrent transition at no time", "<Filter/><Status>Enabled</Status><NoncurrentVersionTransition><StorageClass>GLACIER</StorageClass></NoncurrentVersionTransition>", "MalformedXML"},
		{"a date", "<Filter/><Status>Enabled</Status><Expiration><Date>2030-01-01T00:00:00Z</Date></Expiration>", ""},
		{"a date in the day", "<Filter/><Status>Enabled</Status><Expiration><Date>2030-01-01T10:00:00Z</Date></Expiration>", "MalformedXML"},
		{"days and a date", "<Filter/><Status>Enabled</Status><Expiration><Days>1</Days><Date>2030-01-01T00:00:00Z</Date></Expiration>", "MalformedXML"},
		{"no days", "<Filter/><Status>Enabled</Status><AbortIncompleteMultipartUpload/>", "MalformedXML"},
		{"no noncurrent days", "<Filter/><Status>Enabled</Status><NoncurrentVersionExpiration/>", "MalformedXML"},
		{"no action", "<Filter/><Status>Enabled</Status>", "InvalidRequest"},
		{"zero days", "<Filter/><Status>Enabled</Status><AbortIncompleteMultipartUpload><DaysAfterInitiation>0</DaysAfterInitiation></AbortIncompleteMultipartUpload>", "InvalidArgument"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var doc lifecycleConfiguration
			err := decodeXML([]byte("<LifecycleConfiguration><Rule>"+c.rule+"</Rule></LifecycleConfiguration>"), "LifecycleConfiguration", &doc)
			if err == nil {
				err = doc.check()
			}
			code := ""
			var refused *apiError
			if errors.As(err, &refused) {
				code = refused.code
			}
			equal(t, "code", code, c.code)
		})
	}
}
