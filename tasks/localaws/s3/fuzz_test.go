package s3

import (
	"bufio"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
)

// FuzzRequest checks that every request, as it comes off the wire, is answered or refused, with a document that is XML where
// it is an error: no failure of the store, no panic.
func FuzzRequest(f *testing.F) {
	const created = "<CreateBucketConfiguration><LocationConstraint>us-west-2</LocationConstraint></CreateBucketConfiguration>"
	for _, line := range []string{
		"GET /", "PUT /b\n" + created, "GET /b?list-type=2&prefix=a%2f&delimiter=/&max-keys=1&start-after=%00", "GET /b?versions&key-marker=k&version-id-marker=null",
		"PUT /b/k\nhello", "GET /b/k?versionId=null", "HEAD /b/%2e%2e/k//", "DELETE /b/k?versionId=AAAA", "POST /b/k?uploads", "GET /b?uploads&max-uploads=0",
		"PUT /b/k?partNumber=1&uploadId=AAAA\nx", "POST /b/k?uploadId=AAAA\n<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>",
		"POST /b?delete\n<Delete><Quiet>true</Quiet><Object><Key>k</Key><VersionId>null</VersionId></Object></Delete>",
		"PUT /b?versioning\n<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
		"PUT /b?policy\n" + `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`,
		"PUT /b?encryption\n<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
		"PUT /b?lifecycle\n<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter><Prefix>p</Prefix></Filter><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>",
		"PUT /b?tagging\n<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>", "PUT /b/k?tagging\n<Tagging><TagSet/></Tagging>",
		"PUT /b?publicAccessBlock\n<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>",
		"PUT /b?ownershipControls\n<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>",
		"GET /b?location", "GET /b?torrent", "GET /b/k?response-expires=%0d%0aX", "PUT /b?tagging\n<!DOCTYPE a [<!ENTITY b \"c\">]><Tagging>&b;</Tagging>",
	} {
		target, body, _ := strings.Cut(line, "\n")
		f.Add(target, "", body)
		f.Add(target, "Range: bytes=-1\nIf-None-Match: *\nIf-Match: \"x\"\nx-amz-copy-source: b/k?versionId=null\nx-amz-tagging: a=b&c=%zz\nContent-MD5: x", body)
	}
	handler := newHandler(f)
	f.Fuzz(func(t *testing.T, target, headers, body string) {
		text := target + " HTTP/1.1\r\nHost: localhost\r\n" + strings.ReplaceAll(headers, "\n", "\r\n") + "\r\n\r\n"
		request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
		if err != nil {
			return
		}
		request.Body, request.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		for name, value := range map[string]string{"Authorization": authorization, "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD"} {
			if request.Header.Get(name) == "" {
				request.Header.Set(name, value)
			}
		}
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		if answer.Code == http.StatusInternalServerError {
			t.Errorf("%q %q is answered %d %s", text, body, answer.Code, answer.Body)
		}
		if answer.Code >= 400 && request.Method != "HEAD" {
			wellFormedXML(t, answer.Body)
		}
	})
}

func newHandler(f *testing.F) http.Handler {
	f.Helper()
	dir := f.TempDir()
	db, err := bbolt.Open(filepath.Join(dir, "test.db"), 0o600, &bbolt.Options{NoSync: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = db.Close() })
	handler, err := New(Options{DB: db, Dir: filepath.Join(dir, "s3")})
	if err != nil {
		f.Fatal(err)
	}
	return handler
}

func wellFormedXML(t *testing.T, document io.Reader) {
	t.Helper()
	decoder := xml.NewDecoder(document)
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("the error document is no XML: %v", err)
		}
	}
}
