package s3

import (
	"encoding/xml"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
)

type errorDocument struct {
	XMLName                            xml.Name `xml:"Error"`
	Code, Message, Resource, RequestId string
}

// TestUnknownIsRefused is about silent damage: a sub-resource that is passed over becomes another operation.
func TestUnknownIsRefused(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	w.put("state", "k", "the content")
	for _, request := range []string{
		"GET /state?cors", "PUT /state?cors", "PUT /state?acl", "PUT /state?website", "GET /state?object-lock", "PUT /state?replication", "GET /state?notification",
		"GET /state?analytics&id=1", "POST /state?delete&x", "POST /state", "GET /state?list-type=2&metadata", "GET /state?versioning&encryption", "GET /?x", "POST /",
		"PUT /state/k?acl", "GET /state/k?acl", "PUT /state/k?retention", "PUT /state/k?legal-hold", "GET /state/k?attributes", "GET /state/k?torrent", "POST /state/k?restore",
		"POST /state/k?select&select-type=2", "PUT /state/k?x", "PUT /state/k?Tagging", "PUT /state/k?versionId=null", "GET /state/k?partNumber=1", "DELETE /state/k?acl", "POST /state/k",
		"PUT /state/k?renameObject", "PUT /state/k?partNumber=1", "GET /state/k?X-Amz-Signature=1&X-Amz-Algorithm=AWS4-HMAC-SHA256", "GET /state/k?Signature=1&AWSAccessKeyId=2&Expires=3",
	} {
		method, path, _ := strings.Cut(request, " ")
		res, text := w.raw(method, path, "<x/>")
		var e errorDocument
		if err := xml.Unmarshal([]byte(text), &e); err != nil || res.StatusCode != 501 || e.Code != "NotImplemented" {
			t.Errorf("%s answers %d %s", request, res.StatusCode, text)
		}
	}
	for request, operation := range map[string]string{
		"GET /state": "ListObjects", "GET /state?marker=k": "ListObjects", "GET /state?acl": "GetBucketAcl", "GET /state?uploads": "ListMultipartUploads",
		"GET /state?policyStatus": "GetBucketPolicyStatus", "GET /state/k?uploadId=x": "ListParts", "GET /state/k?tagging": "GetObjectTagging",
		"PUT /state/k?tagging": "PutObjectTagging", "DELETE /state/k?tagging": "DeleteObjectTagging",
	} {
		method, path, _ := strings.Cut(request, " ")
		res, text := w.raw(method, path, "<x/>")
		if res.StatusCode != 501 || !strings.Contains(text, "does not implement this: "+operation+".") {
			t.Errorf("%s answers %d %s, want %s refused by name", request, res.StatusCode, text, operation)
		}
	}
	_, text := w.raw("PUT", "/state/k?partNumber=1&uploadId=x", "", "x-amz-copy-source", "state/k")
	equal(t, text, strings.Contains(text, "UploadPartCopy"), true)
	for _, header := range []string{"x-amz-acl", "x-amz-tagging", "x-amz-server-side-encryption-customer-algorithm", "x-amz-object-lock-mode", "x-amz-website-redirect-location", "x-amz-grant-read", "x-amz-invented", "x-amz-if-match-size"} {
		res, text := w.raw("PUT", "/state/k", "x", header, "1")
		equal(t, header+text, res.StatusCode, 501)
	}
	for _, method := range []string{"PATCH", "OPTIONS", "PROPFIND"} {
		res, _ := w.raw(method, "/state/k", "")
		equal(t, method, res.StatusCode, 405)
	}
	equal(t, "the object", w.get("state", "k"), "the content")
}

func TestEveryRouteIsReachable(t *testing.T) {
	seen := map[string]bool{}
	for _, rt := range routes {
		name := fmt.Sprint(rt.level, rt.method, rt.key)
		equal(t, name+" twice", seen[name], false)
		seen[name] = true
		r := &request{Request: &http.Request{Method: rt.method}, level: rt.level, query: map[string][]string{"x-id": {"X"}}}
		if rt.key != "" {
			r.query[rt.key] = []string{""}
		}
		got, err := routeOf(r)
		if (err != nil) != (rt.do == nil) || got.key != rt.key {
			t.Errorf("%s: routeOf = %q, %v", name, got.key, err)
		}
	}
}

func TestCredentials(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	for _, c := range []struct {
		header, code string
		status       int
	}{
		{"", "AccessDenied", 403},
		{"AWS AKID:signature", "InvalidRequest", 400},
		{"Basic QTpC", "InvalidRequest", 400},
		{"AWS4-HMAC-SHA256 Credential=AKID", "AuthorizationHeaderMalformed", 400},
		{"AWS4-HMAC-SHA256 Credential=AKID/20260101/us-west-2/ecr/aws4_request, SignedHeaders=host, Signature=0", "AuthorizationHeaderMalformed", 400},
		{"AWS4-ECDSA-P256-SHA256 Credential=AKID/20260101/s3/aws4_request", "InvalidRequest", 400},
	} {
		res, text := w.raw("GET", "/state?list-type=2", "", "Authorization", c.header)
		if res.StatusCode != c.status || !strings.Contains(text, "<Code>"+c.code+"</Code>") {
			t.Errorf("Authorization %q answers %d %s, want %d %s", c.header, res.StatusCode, text, c.status, c.code)
		}
	}
}

func TestErrorDocuments(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	res, text := w.raw("GET", "/state/a%26b", "")
	equal(t, "request id", len(res.Header.Get("x-amz-request-id")), 16)
	equal(t, "type", res.Header.Get("Content-Type"), "application/xml")
	for _, want := range []string{"<Code>NoSuchKey</Code>", "<Key>a&amp;b</Key>", "<Resource>/state/a&amp;b</Resource>", "<RequestId>" + res.Header.Get("x-amz-request-id") + "</RequestId>"} {
		if !strings.Contains(text, want) {
			t.Errorf("the document has no %s: %s", want, text)
		}
	}
	res, text = w.raw("HEAD", "/state/none", "")
	equal(t, "HEAD", res.StatusCode, 404)
	equal(t, "HEAD's body", text, "")
	for path, code := range map[string]string{"//key": "InvalidBucketName", "/none/key": "NoSuchBucket", "/state?prefix=%zz": "InvalidURI"} {
		_, text := w.raw("GET", path, "")
		equal(t, path+" "+text, strings.Contains(text, "<Code>"+code+"</Code>"), true)
	}
}

func TestDocumentsAreStrict(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	for name, c := range map[string]struct{ query, text, code string }{
		"no XML":             {"versioning", "Enabled", "MalformedXML"},
		"empty":              {"versioning", "", "MissingRequestBodyError"},
		"cut off":            {"versioning", "<VersioningConfiguration><Status>Enabled</Status>", "MalformedXML"},
		"another root":       {"versioning", "<Versioning><Status>Enabled</Status></Versioning>", "MalformedXML"},
		"an unknown element": {"versioning", "<VersioningConfiguration><Status>Enabled</Status><Until>never</Until></VersioningConfiguration>", "MalformedXML"},
		"MFA delete":         {"versioning", "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>", "NotImplemented"},
		"too large":          {"versioning", strings.Repeat(" ", maxDocument+1), "EntityTooLarge"},
		"two rules":          {"encryption", "<ServerSideEncryptionConfiguration><Rule/><Rule/></ServerSideEncryptionConfiguration>", "MalformedXML"},
		"no boolean":         {"publicAccessBlock", "<PublicAccessBlockConfiguration><BlockPublicAcls>maybe</BlockPublicAcls></PublicAccessBlockConfiguration>", "MalformedXML"},
	} {
		_, text := w.raw("PUT", "/state?"+c.query, c.text)
		if !strings.Contains(text, "<Code>"+c.code+"</Code>") {
			t.Errorf("%s: %s, want %s", name, text, c.code)
		}
	}
}

func TestShortBody(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	c, err := net.Dial("tcp", w.http.Listener.Addr().String())
	w.must(err)
	_, err = fmt.Fprintf(c, "PUT /state/k HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nx-amz-content-sha256: UNSIGNED-PAYLOAD\r\nContent-Length: %d\r\n\r\n%s", authorization, len(big)+1, big)
	w.must(err)
	w.must(c.(*net.TCPConn).CloseWrite())
	answer := make([]byte, 64)
	_, err = c.Read(answer)
	w.must(err)
	equal(t, "answer", strings.HasPrefix(string(answer), "HTTP/1.1 400 "), true)
	w.must(c.Close())
	equal(t, "files", len(w.bodies()), 0)
	res, text := w.raw("PUT", "/state/k", "x", "x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
	equal(t, "a body in chunks: "+text, res.StatusCode, 501)
}
