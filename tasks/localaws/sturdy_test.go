package localaws_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"envoy-proxy-poc/tasks/localaws"
	"envoy-proxy-poc/tasks/localaws/catalog"
)

// TestDamagedLayers: of an image that is pushed again, a layer that is gone or cut is sent again.
func TestDamagedLayers(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	img, auth := image(t), l.login()
	l.push("app:v1", img, auth)
	layers, err := img.Layers()
	wantOK(t, err)
	for i, damage := range []func(path string) error{
		os.Remove,
		func(path string) error { return os.Truncate(path, 5) },
	} {
		hash, err := layers[i].Digest()
		wantOK(t, err)
		wantOK(t, damage(filepath.Join(l.dir, "ecr", "blobs", "sha256", hash.Hex[:2], hash.Hex)))
		if _, err := remote.Head(l.ref("app:v1"), auth); err == nil || !strings.Contains(err.Error(), "404") {
			t.Errorf("HEAD of an image with a damaged layer: %v, want 404", err)
		}
		l.push("app:v1", img, auth)
		back, err := remote.Image(l.ref("app:v1"), auth)
		wantOK(t, err)
		wantOK(t, validate.Image(back))
	}
}

// TestEvery5xxHasACause breaks each service's ground, and looks what the log says.
func TestEvery5xxHasACause(t *testing.T) {
	var mu sync.Mutex
	var said []string
	faults := new(localaws.Faults)
	dir := t.TempDir()
	opened, err := localaws.Open(localaws.Options{Dir: dir, Faults: faults, Log: func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		said = append(said, fmt.Sprintf(format, args...))
	}})
	wantOK(t, err)
	l := &local{t: t, dir: dir, aws: opened, server: httptest.NewServer(opened)}
	l.url = l.server.URL
	t.Cleanup(l.close)
	l.repository("app")
	l.bucket("bucket")
	password := l.password()
	wantOK(t, os.RemoveAll(filepath.Join(dir, "ecr", "uploads")))
	wantOK(t, os.RemoveAll(filepath.Join(dir, "s3", "tmp")))
	large := strings.Repeat("x", 100<<10)
	for want, request := range map[string]func() *http.Response{
		"answering POST /v2/app/blobs/uploads/: starting an upload": func() *http.Response {
			return l.do("POST", "/v2/app/blobs/uploads/", "", "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("AWS:"+password)))
		},
		"answering an ECR request: starting an upload": func() *http.Response {
			return l.do("POST", "/", `{"repositoryName": "app"}`, "Authorization", signed,
				"X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921.InitiateLayerUpload")
		},
		"answering PUT /bucket/key: receiving a body": func() *http.Response {
			return l.do("PUT", "/bucket/key", large, "Authorization", strings.Replace(signed, "ecr", "s3", 1),
				"X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
		},
		"answering GET /bucket: NotImplemented: The local S3 does not implement this: GetBucketAcl": func() *http.Response {
			return l.do("GET", "/bucket?acl", "", "Authorization", strings.Replace(signed, "ecr", "s3", 1))
		},
		"answering GET /bucket/key: a fault wants 503": func() *http.Response {
			wantOK(t, faults.Set(localaws.Fault{Service: "s3", Kind: localaws.ServerError, Status: 503, Count: 1}))
			return l.do("GET", "/bucket/key", "")
		},
	} {
		mu.Lock()
		said = nil
		mu.Unlock()
		got := request()
		mu.Lock()
		if got.StatusCode < 500 || len(said) != 1 || !strings.HasPrefix(said[0], want) {
			t.Errorf("status %d, and the log says %q, want %s", got.StatusCode, said, want)
		}
		mu.Unlock()
	}
}

// TestManifestOfManyLayers: what is in a manifest takes time in proportion to it.
func TestManifestOfManyLayers(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	var text bytes.Buffer
	one := func(i int) string {
		return fmt.Sprintf(`{"mediaType":"a","size":1,"digest":"sha256:%064x"}`, i)
	}
	fmt.Fprintf(&text, `{"schemaVersion":2,"mediaType":%q,"config":%s,"layers":[%s`, catalog.OCIManifest, one(0), one(1))
	for i := 2; text.Len() < catalog.MaxManifest-200; i++ {
		text.WriteString("," + one(i))
	}
	text.WriteString("]}")
	began := time.Now()
	_, err := l.ecr().PutImage(t.Context(), &ecr.PutImageInput{RepositoryName: aws.String("app"), ImageManifest: aws.String(text.String())})
	wantCode(t, err, "LayersNotFoundException")
	if took := time.Since(began); took > 10*time.Second { // a tenth of it, on a machine that is not busy
		t.Errorf("a manifest of %d bytes took %s", text.Len(), took)
	}
}

// TestMemoryOfLargeParts sends the largest parts there are, 64 at once.
func TestMemoryOfLargeParts(t *testing.T) {
	takesLong(t)
	p := spawn(t, t.TempDir()).ready()
	l := &local{t: t, url: p.url}
	l.repository("app")
	const size = 20_971_518 // of three bytes each, which are four in base64
	part := bytes.Repeat([]byte("QUJD"), size/3)
	var all sync.WaitGroup
	for range 64 {
		begun, err := l.ecr().InitiateLayerUpload(t.Context(), &ecr.InitiateLayerUploadInput{RepositoryName: aws.String("app")})
		wantOK(t, err)
		head := fmt.Sprintf(`{"repositoryName":"app","uploadId":%q,"partFirstByte":0,"partLastByte":%d,"layerPartBlob":"`,
			*begun.UploadId, size-1)
		body := io.MultiReader(strings.NewReader(head), bytes.NewReader(part), strings.NewReader(`"}`))
		request, err := http.NewRequestWithContext(t.Context(), "POST", p.url, body)
		wantOK(t, err)
		request.ContentLength = int64(len(head) + len(part) + 2)
		request.Header.Set("Authorization", signed)
		request.Header.Set("X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921.UploadLayerPart")
		all.Go(func() {
			reply, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Error(err)
				return
			}
			defer reply.Body.Close()
			if reply.StatusCode != http.StatusOK {
				said, _ := io.ReadAll(reply.Body)
				t.Errorf("a part: %s %s", reply.Status, said)
			}
		})
	}
	all.Wait()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("this system does not say how much memory a process had")
	}
	wantOK(t, err)
	_, text, _ = bytes.Cut(text, []byte("VmHWM:"))
	var kB int
	_, err = fmt.Sscan(string(text), &kB)
	wantOK(t, err)
	t.Logf("%d MB at most", kB>>10)
	if kB>>10 > 400 {
		t.Errorf("64 parts of 20 MB at once took %d MB, want less than 400", kB>>10)
	}
}
