package ecrapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"envoy-proxy-poc/tasks/localaws/catalog"
	"envoy-proxy-poc/tasks/localaws/ecrapi"
)

const (
	manifest = `{"schemaVersion":2,"config":{"mediaType":"m","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}`
	policy   = `{"rules":[{"rulePriority":1,"selection":{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":14},"action":{"type":"expire"}}]}`
)

// newAPI is the API of a registry with the repository app, and in it the image v1.
func newAPI(f *testing.F) *ecrapi.API {
	f.Helper()
	dir := f.TempDir()
	db, err := bbolt.Open(filepath.Join(dir, "aws.db"), 0o600, &bbolt.Options{NoSync: true})
	must(f, err)
	c, err := catalog.Open(catalog.Options{DB: db, Dir: filepath.Join(dir, "ecr"), Account: "000000000000"})
	must(f, err)
	f.Cleanup(func() {
		c.Close()
		must(f, db.Close())
	})
	r, err := c.Registry("us-west-2")
	must(f, err)
	_, err = r.CreateRepository(catalog.Repository{Name: "app"})
	must(f, err)
	up, err := r.StartUpload("app")
	must(f, err)
	_, err = r.Append("app", up.ID, 0, strings.NewReader("{}"))
	must(f, err)
	_, err = r.FinishUpload("app", up.ID, catalog.Digest([]byte("{}")))
	must(f, err)
	_, err = r.PutImage("app", catalog.Push{Manifest: []byte(manifest), MediaType: catalog.OCIManifest, Tag: "v1"})
	must(f, err)
	return ecrapi.New(c, func(string, ...any) {})
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// FuzzRequest checks that every body of every operation is answered or refused, in JSON: no failure of the store, no panic.
func FuzzRequest(f *testing.F) {
	quoted, err := json.Marshal(map[string]string{"repositoryName": "app", "imageManifest": manifest, "lifecyclePolicyText": policy})
	must(f, err)
	for _, operation := range ecrapi.Operations() {
		f.Add(operation, []byte(`{}`))
		f.Add(operation, []byte(`{"repositoryName":"app"}`))
		f.Add(operation, []byte(`{"repositoryName":"app","imageIds":[{"imageTag":"v1"}],"imageId":{"imageTag":"v1"},"maxResults":1,"filter":{"tagStatus":"TAGGED"}}`))
	}
	for _, one := range []struct{ operation, body string }{
		{"CreateRepository", `{"repositoryName":"a/b","tags":[{"Key":"k","Value":"v"}],"imageTagMutability":"IMMUTABLE_WITH_EXCLUSION","imageTagMutabilityExclusionFilters":[{"filterType":"WILDCARD","filter":"latest*"}]}`},
		{"PutImage", string(quoted)},
		{"PutLifecyclePolicy", string(quoted)},
		{"UploadLayerPart", `{"repositoryName":"app","uploadId":"x","partFirstByte":0,"partLastByte":1,"layerPartBlob":"e30="}`},
		{"ListImages", `{"repositoryName":"app","nextToken":"AAAA","maxResults":1001}`},
		{"DescribeImages", `{"repositoryName":"app","imageIds":null}`},
		{"BatchGetImage", `[`},
		{"BatchCheckLayerAvailability", `{"repositoryName":"app","layerDigests":["sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","x"]}`},
	} {
		f.Add(one.operation, []byte(one.body))
	}
	api := newAPI(f)
	f.Fuzz(func(t *testing.T, operation string, body []byte) {
		request := httptest.NewRequest("POST", "/", bytes.NewReader(body))
		request.Header.Set("X-Amz-Target", ecrapi.Target+operation)
		answer := httptest.NewRecorder()
		api.Serve(answer, request, ecrapi.Signed{
			Region: "us-west-2", Caller: catalog.LocalUser("000000000000"), Host: "localhost:4566",
		})
		var is map[string]any
		if err := json.Unmarshal(answer.Body.Bytes(), &is); err != nil {
			t.Fatalf("%s %s is answered %q: %v", operation, body, answer.Body, err)
		}
		switch code, _ := is["__type"].(string); {
		case answer.Code == http.StatusOK && code == "":
		case answer.Code == http.StatusBadRequest && code != "" && is["message"] != "":
		default:
			t.Errorf("%s %s is answered %d %s", operation, body, answer.Code, answer.Body)
		}
	})
}
