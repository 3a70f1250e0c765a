package localaws_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"

	"envoy-proxy-poc/tasks/localaws"
	"envoy-proxy-poc/tasks/localaws/catalog"
)

// v2 calls the registry with a password, and checks the status.
func (l *local) v2(want int, method, path, body string, header ...string) *http.Response {
	l.t.Helper()
	out, err := l.ecr().GetAuthorizationToken(l.t.Context(), &ecr.GetAuthorizationTokenInput{})
	wantOK(l.t, err)
	if !strings.HasPrefix(path, "/v2/") {
		path = "/v2/app/" + path
	}
	reply := l.do(method, path, body, append(header, "Authorization", "Basic "+*out.AuthorizationData[0].AuthorizationToken)...)
	if reply.StatusCode != want {
		text, _ := io.ReadAll(reply.Body)
		l.t.Errorf("%s %s = %d %s, want %d", method, path, reply.StatusCode, text, want)
	}
	return reply
}

func TestChunkedUpload(t *testing.T) {
	for dialect, want := range map[string]struct {
		status int
		ranges string
	}{"": {202, "0-4 0-10"}, "ecr": {201, "0-4 0-4"}} {
		l := start(t, localaws.Options{Dialect: dialect})
		l.repository("app")
		at := l.v2(202, "POST", "blobs/uploads/", "").Header.Get("Location")
		if !strings.HasPrefix(at, "/v2/app/blobs/uploads/") {
			t.Fatalf("Location is %q, want it relative", at)
		}
		first := l.v2(want.status, "PATCH", at, "hello", "Content-Range", "0-4")
		l.v2(416, "PATCH", at, "hello", "Content-Range", "0-4")
		l.v2(416, "PATCH", at, "x", "Content-Range", "9-9")
		l.v2(400, "PATCH", at, "xy", "Content-Range", "5-9")
		second := l.v2(want.status, "PATCH", at, " world", "Content-Range", "5-10")
		if got := first.Header.Get("Range") + " " + second.Header.Get("Range"); got != want.ranges {
			t.Errorf("dialect %q: ranges %s, want %s", dialect, got, want.ranges)
		}
		if got := l.v2(204, "GET", at, "").Header.Get("Range"); got != "0-10" {
			t.Errorf("the upload's range is %s, want 0-10", got)
		}
		digest := catalog.Digest([]byte("hello world!"))
		done := l.v2(201, "PUT", at+"?digest="+digest, "!", "Content-Range", "11-11")
		if got := done.Header.Get("Location"); got != "/v2/app/blobs/"+digest {
			t.Errorf("the blob's Location is %s", got)
		}
		l.v2(404, "GET", at, "")
		part := l.v2(206, "GET", "blobs/"+digest, "", "Range", "bytes=6-10")
		if text, _ := io.ReadAll(part.Body); string(text) != "world" {
			t.Errorf("bytes 6-10 are %q, want world", text)
		}
		l.v2(416, "GET", "blobs/"+digest, "", "Range", "bytes=99-")
	}
}

func TestUploadRefusals(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	digest := catalog.Digest([]byte("a"))
	l.v2(201, "POST", "blobs/uploads/?digest="+digest, "a")
	l.v2(400, "POST", "blobs/uploads/?digest="+digest, "b")
	l.v2(400, "POST", "blobs/uploads/?digest=sha512:"+strings.Repeat("0", 128), "b")
	l.v2(404, "POST", "/v2/other/blobs/uploads/", "")
	l.v2(400, "POST", "/v2/UPPER/blobs/uploads/", "")
	at := l.v2(202, "POST", "blobs/uploads/", "").Header.Get("Location")
	l.repository("other")
	l.v2(404, "PATCH", strings.Replace(at, "/app/", "/other/", 1), "x")
	l.v2(404, "PATCH", "blobs/uploads/..%2f..%2faws.db", "x")
	l.v2(204, "DELETE", at, "")
	l.v2(404, "DELETE", at, "")
	l.v2(405, "DELETE", "blobs/"+digest, "")
	l.v2(404, "GET", "/v2/other/blobs/"+digest, "")
	l.v2(413, "PUT", "manifests/big", strings.Repeat(" ", catalog.MaxManifest+1), "Content-Type", catalog.OCIManifest)
	l.v2(400, "PUT", "manifests/v1", `{"schemaVersion":2}`, "Content-Type", "text/plain")
	l.v2(400, "HEAD", "manifests/v1+2", "")
	l.v2(405, "GET", "tags/list?n=1001", "")
	l.v2(400, "GET", "tags/list?n=-1", "")
	if got, want := l.v2(405, "POST", "manifests/v1", "").Header.Get("Allow"), "DELETE, GET, HEAD, PUT"; got != want {
		t.Errorf("Allow is %q, want %q", got, want)
	}
}

func TestBrokenUploadIsNotResumedBlindly(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	at := l.v2(202, "POST", "blobs/uploads/", "").Header.Get("Location")
	out, err := l.ecr().GetAuthorizationToken(t.Context(), &ecr.GetAuthorizationTokenInput{})
	wantOK(t, err)
	conn, err := net.Dial("tcp", l.host())
	wantOK(t, err)
	fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Basic %s\r\nContent-Length: 100\r\n\r\nhalf", at, l.host(), *out.AuthorizationData[0].AuthorizationToken)
	wantOK(t, conn.Close())
	l.until(func() bool {
		reply := l.do("GET", at, "", "Authorization", "Basic "+*out.AuthorizationData[0].AuthorizationToken)
		return reply.StatusCode == 204 && reply.Header.Get("Range") == "0-3"
	})
	l.v2(416, "PATCH", at, "half and half")
	l.v2(202, "PATCH", at, " and half", "Content-Range", "4-12")
	l.restart()
	l.v2(201, "PUT", at+"?digest="+catalog.Digest([]byte("half and half")), "")
}

// until waits for what the server does in its own time.
func (l *local) until(done func() bool) {
	l.t.Helper()
	for range 500 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	l.t.Fatal("the server did not notice that the upload broke off")
}

func TestMount(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	l.repository("from")
	auth, img := l.login(), image(t)
	l.push("from:v1", img, auth)
	layers, err := img.Layers()
	wantOK(t, err)
	used := digestOf(t, layers[0])
	loose := catalog.Digest([]byte("loose"))
	l.v2(201, "POST", "/v2/from/blobs/uploads/?digest="+loose, "loose")
	mount := func(want int, digest, from string) {
		t.Helper()
		l.v2(want, "POST", "blobs/uploads/?mount="+digest+"&from="+from, "")
	}
	mount(202, used, "from") // mounting is off by default
	_, err = l.ecr().PutAccountSetting(t.Context(), &ecr.PutAccountSettingInput{Name: aws.String("BLOB_MOUNTING"), Value: aws.String("ENABLED")})
	wantOK(t, err)
	mount(202, used, "nobody")
	mount(202, loose, "from") // no image uses it
	mount(201, used, "from")
	l.v2(200, "HEAD", "blobs/"+used, "")
}

func TestTagPages(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	auth, img := l.login(), image(t)
	for i := range 5 {
		l.push(fmt.Sprintf("app:t%d", i), img, auth)
	}
	first := l.v2(200, "GET", "tags/list?n=2", "")
	text, _ := io.ReadAll(first.Body)
	if want := `{"name":"app","tags":["t0","t1"]}`; string(text) != want {
		t.Errorf("the first page is %s, want %s", text, want)
	}
	if got, want := first.Header.Get("Link"), `</v2/app/tags/list?last=t1&n=2>; rel="next"`; got != want {
		t.Errorf("Link is %s, want %s", got, want)
	}
	if got := l.v2(200, "GET", "tags/list?last=t3&n=2", "").Header.Get("Link"); got != "" {
		t.Errorf("the last page has the Link %s", got)
	}
}

func TestLayersOverTheAPI(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	api, app := l.ecr(), aws.String("app")
	whole := []byte(strings.Repeat("layer", 1<<20+7))
	digest := catalog.Digest(whole)
	upload := func(size int) error {
		begun, err := api.InitiateLayerUpload(t.Context(), &ecr.InitiateLayerUploadInput{RepositoryName: app})
		wantOK(t, err)
		for from := 0; from < len(whole); from += size {
			to := min(from+size, len(whole))
			_, err := api.UploadLayerPart(t.Context(), &ecr.UploadLayerPartInput{
				RepositoryName: app, UploadId: begun.UploadId, LayerPartBlob: whole[from:to],
				PartFirstByte: aws.Int64(int64(from)), PartLastByte: aws.Int64(int64(to - 1)),
			})
			wantOK(t, err)
		}
		_, err = api.CompleteLayerUpload(t.Context(), &ecr.CompleteLayerUploadInput{RepositoryName: app, UploadId: begun.UploadId, LayerDigests: []string{digest}})
		return err
	}
	wantCode(t, upload(2<<20), "LayerPartTooSmallException")
	wantOK(t, upload(5<<20))
	wantCode(t, upload(5<<20), "LayerAlreadyExistsException")
	out, err := api.BatchCheckLayerAvailability(t.Context(), &ecr.BatchCheckLayerAvailabilityInput{
		RepositoryName: app, LayerDigests: []string{digest, catalog.Digest(nil), "x"},
	})
	wantOK(t, err)
	if len(out.Layers) != 1 || *out.Layers[0].LayerSize != int64(len(whole)) || len(out.Failures) != 2 {
		t.Errorf("%d layers and %d failures, want 1 and 2", len(out.Layers), len(out.Failures))
	}
}
