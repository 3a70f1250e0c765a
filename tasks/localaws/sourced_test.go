package localaws_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	v1types "github.com/google/go-containerregistry/pkg/v1/types"

	"envoy-proxy-poc/tasks/localaws"
	"envoy-proxy-poc/tasks/localaws/catalog"
)

// What package contract cannot ask AWS: keys that must exist, policies that could lock a repository for good, and the
// dialect oci.

func TestSourcedKMSKeys(t *testing.T) {
	const source = "https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html"
	l := start(t, localaws.Options{})
	const id, arn = "1234abcd-12ab-34cd-56ef-1234567890ab", "arn:aws:kms:us-west-2:000000000000:"
	for i, key := range []string{
		id, "mrk-1234abcd12ab34cd56ef1234567890ab", "alias/a/b", arn + "key/" + id,
		arn + "alias/a",
	} {
		_, err := l.ecr().CreateRepository(t.Context(), &ecr.CreateRepositoryInput{
			RepositoryName:          aws.String(fmt.Sprintf("kms%d", i)),
			EncryptionConfiguration: &types.EncryptionConfiguration{EncryptionType: types.EncryptionTypeKms, KmsKey: &key},
		})
		if err != nil {
			t.Errorf("the key %s: %v (%s)", key, err, source)
		}
	}
}

// TestLockOut are policies that deny their author the next one, which ECR takes with force alone (API Reference,
// SetRepositoryPolicy), and some that only look like it.
func TestLockOut(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	const deny = `"Effect":"Deny","Principal":`
	for statement, ok := range map[string]bool{
		deny + `"*","Action":"ecr:*"`: false,
		deny + `{"AWS":"arn:aws:iam::000000000000:user/local"},"NotAction":"ecr:GetRepositoryPolicy"`: false,
		`"Effect":"Deny","NotPrincipal":{"AWS":"123456789012"},"Action":"*"`:                          false,
		deny + `{"AWS":"123456789012"},"Action":"ecr:*"`:                                              true,
		`"Effect":"Deny","NotPrincipal":{"AWS":"000000000000"},"Action":"*"`:                          true,
		deny + `"*","Action":"ecr:*","Condition":{"Bool":{"aws:SecureTransport":"false"}}`:            true,
	} {
		for _, force := range []bool{false, true} {
			_, err := l.ecr().SetRepositoryPolicy(t.Context(), &ecr.SetRepositoryPolicyInput{
				RepositoryName: aws.String("app"), Force: force,
				PolicyText: aws.String(`{"Version":"2012-10-17","Statement":[{` + statement + `}]}`),
			})
			if (err == nil) != (ok || force) {
				t.Errorf("a policy with {%s}, force %t: %v", statement, force, err)
			}
		}
	}
}

// TestSpecifiedRegistry are answers of the dialect oci where ECR's are others (package contract has those).
func TestSpecifiedRegistry(t *testing.T) {
	absent := strings.Repeat("0", 64)
	lost := fmt.Sprintf(
		`{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"m","digest":"sha256:%s","size":1},"layers":[]}`,
		catalog.OCIManifest, absent)
	l := start(t, localaws.Options{})
	l.repository("app")
	for _, c := range []struct{ name, method, path, body, password, want string }{
		{"a blob of no bytes", "POST", "blobs/uploads/?digest=" + catalog.Digest(nil), "", "", "400 BLOB_UPLOAD_INVALID any parts"},
		{"a manifest that is no JSON", "PUT", "manifests/v1", "{", "", "400 MANIFEST_INVALID 'Invalid JSON syntax'"},
		{"a manifest without its layer", "PUT", "manifests/v1", lost, "", "400 MANIFEST_BLOB_UNKNOWN do not exist"},
		{"a password that is none", "GET", "tags/list", "", "guess", "403 DENIED Your Authorization Token is invalid."},
		{"no password", "GET", "tags/list", "", "-", "401 UNAUTHORIZED no basic auth credentials"},
		{"no tags at all", "GET", "tags/list?n=0", "", "", `200 {"name":"app","tags":[]}`},
		{"no repositories at all", "GET", "/v2/_catalog?n=0", "", "", `200 {"repositories":[]}`},
		{"a page after a tag", "GET", "tags/list?last=v1", "", "", `200 {"name":"app","tags":[]}`},
	} {
		if got := l.asked(c.method, c.path, c.body, c.password); !answered(got, c.want) {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// asked is an answer of the registry: its status and its body.
func (l *local) asked(method, path, body, password string) string {
	l.t.Helper()
	if password == "" {
		password = l.password()
	}
	if !strings.HasPrefix(path, "/") {
		path = "/v2/app/" + path
	}
	r, err := http.NewRequestWithContext(l.t.Context(), method, l.url+path, strings.NewReader(body))
	wantOK(l.t, err)
	if password != "-" {
		r.SetBasicAuth("AWS", password)
	}
	reply, err := http.DefaultClient.Do(r)
	wantOK(l.t, err)
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	wantOK(l.t, err)
	return fmt.Sprintf("%d %s", reply.StatusCode, text)
}

// answered reports whether an answer has the status, the code and the words that are wanted: or, without a code, is
// those words.
func answered(got, want string) bool {
	status, rest, _ := strings.Cut(want, " ")
	code, words, _ := strings.Cut(rest, " ")
	if strings.ToUpper(code) != code || code == "" || strings.HasPrefix(code, "{") {
		return strings.TrimSpace(got) == want
	}
	return strings.HasPrefix(got, status+` {"errors":[{"code":"`+code+`"`) && strings.Contains(got, words)
}

// TestSourcedPages goes through the pages of tags in the dialect ecr.
func TestSourcedPages(t *testing.T) {
	const pages = "https://github.com/deitch/docker_registry2/issues/34"
	l := start(t, localaws.Options{Dialect: "ecr"})
	l.repository("app")
	l.push("app:t0", mutate.MediaType(image(t), v1types.OCIManifestSchema1), l.login())
	content := l.v2(200, "GET", "manifests/t0", "").Body
	manifest, err := io.ReadAll(content)
	wantOK(t, err)
	for i := range 5 {
		l.v2(201, "PUT", fmt.Sprintf("manifests/t%d", i), string(manifest))
	}
	seen := ""
	for at, page := l.url+"/v2/app/tags/list?n=2", 0; at != "" && page < 5; page++ {
		path, here := strings.CutPrefix(at, l.url)
		if !here {
			t.Fatalf("the next page is %s, want it absolute (%s)", at, pages)
		}
		reply := l.v2(200, "GET", path, "")
		text, _ := io.ReadAll(reply.Body)
		seen += string(text)
		if kind := reply.Header.Get("Content-Type"); kind != "text/plain; charset=utf-8" {
			t.Errorf("Content-Type is %s (%s)", kind, pages)
		}
		at, _, _ = strings.Cut(strings.TrimPrefix(reply.Header.Get("Link"), "<"), ">")
		if at != "" && len(at) < 80 { // a tag is short, a token is not
			t.Errorf("the next page is %s, want an opaque token (%s)", at, pages)
		}
	}
	const want = `{"name":"app","tags":["t1","t0"]}{"name":"app","tags":["t3","t2"]}{"name":"app","tags":["t4"]}`
	if seen != want {
		t.Errorf("the pages are %s, want %s (unsorted: %s)", seen, want, pages)
	}
}
