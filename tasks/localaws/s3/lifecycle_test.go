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
		{"by tag", "<Filter><Tag><Key>a</Key><Value>b</Value></Tag></Filter><Status>Enabled</Status>" + expire, "NotImplemented"},
		{"by several", "<Filter><And><Prefix>a</Prefix></And></Filter><Status>Enabled</Status>" + expire, "NotImplemented"},
		{"by size", "<Filter><ObjectSizeLessThan>5</ObjectSizeLessThan></Filter><Status>Enabled</Status>" + expire, "NotImplemented"},
		{"prefix and filter", "<Prefix>a</Prefix><Filter/><Status>Enabled</Status>" + expire, "MalformedXML"},
		{"neither", "<Status>Enabled</Status>" + expire, "MalformedXML"},
		{"no status", "<Filter/>" + expire, "MalformedXML"},
		{"a transition", "<Filter/><Status>Enabled</Status><Transition><Days>30</Days></Transition>", "NotImplemented"},
		{"a noncurrent transition", "<Filter/><Status>Enabled</Status><NoncurrentVersionTransition/>", "NotImplemented"},
		{"a date", "<Filter/><Status>Enabled</Status><Expiration><Date>2030-01-01T00:00:00Z</Date></Expiration>", "NotImplemented"},
		{"days and markers", "<Filter/><Status>Enabled</Status><Expiration><Days>1</Days>" +
			"<ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>", "MalformedXML"},
		{"no days", "<Filter/><Status>Enabled</Status><AbortIncompleteMultipartUpload/>", "MalformedXML"},
		{"no noncurrent days", "<Filter/><Status>Enabled</Status><NoncurrentVersionExpiration/>", "MalformedXML"},
		{"no action", "<Filter/><Status>Enabled</Status>", "InvalidRequest"},
		{"zero days", "<Filter/><Status>Enabled</Status><AbortIncompleteMultipartUpload><DaysAfterInitiation>0</DaysAfterInitiation></AbortIncompleteMultipartUpload>", "InvalidArgument"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var doc lifecycleConfiguration
			err := decodeXML([]byte("<LifecycleConfiguration><Rule>"+c.rule+"</Rule></LifecycleConfiguration>"), "LifecycleConfiguration", &doc)
			if err == nil {
				err = doc.Rule[0].check()
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
