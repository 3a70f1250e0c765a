package registry_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"envoy-proxy-poc/tasks/localaws/catalog"
	"envoy-proxy-poc/tasks/localaws/registry"
)

// world is a registry with one repository, app, that holds the layer "hello".
type world struct {
	server   *registry.Server
	dir      string
	password string
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	dir := tb.TempDir()
	db, err := bbolt.Open(filepath.Join(dir, "aws.db"), 0o600, &bbolt.Options{NoSync: true})
	must(tb, err)
	c, err := catalog.Open(catalog.Options{DB: db, Dir: filepath.Join(dir, "ecr"), Account: "000000000000"})
	must(tb, err)
	tb.Cleanup(func() {
		c.Close()
		must(tb, db.Close())
	})
	r, err := c.Registry("us-west-2")
	must(tb, err)
	_, err = r.CreateRepository(catalog.Repository{Name: "app"})
	must(tb, err)
	w := &world{server: registry.New(c, registry.Options{}), dir: dir}
	w.password, _ = r.Password(catalog.LocalUser("000000000000"))
	if reply := w.do("POST", "/v2/app/blobs/uploads/", "digest="+catalog.Digest([]byte("hello")), nil, "hello"); reply.Code != http.StatusCreated {
		tb.Fatalf("uploading a layer: %d %s", reply.Code, reply.Body)
	}
	return w
}

func (w *world) do(method, path, query string, header http.Header, body string) *httptest.ResponseRecorder {
	r := &http.Request{
		Method: method, URL: &url.URL{Path: path, RawQuery: query}, Host: "127.0.0.1", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.SetBasicAuth("AWS", w.password)
	reply := httptest.NewRecorder()
	w.server.Serve(reply, r, "127.0.0.1")
	return reply
}

var location = regexp.MustCompile(`^/v2/app/(manifests|blobs)/(sha256:[0-9a-f]{64}|uploads/[0-9a-f-]{36})$`)

// FuzzRequest sends what clients do not send: paths, queries, ranges, digests and references of any form. UPLOAD in a path is
// an upload that was just begun.
func FuzzRequest(f *testing.F) {
	w := newWorld(f)
	f.Fuzz(func(t *testing.T, method, path, query, ranges, contentType, body string) {
		header := http.Header{"Content-Range": {ranges}, "Range": {ranges}, "Content-Type": {contentType}}
		if strings.Contains(path, "UPLOAD") {
			begun := w.do("POST", "/v2/app/blobs/uploads/", "", nil, "")
			path = strings.ReplaceAll(path, "UPLOAD", begun.Header().Get("Docker-Upload-Uuid"))
		}
		reply := w.do(method, path, query, header, body)
		if reply.Code >= 500 || reply.Code < 200 {
			t.Errorf("%s %q?%q = %d %s", method, path, query, reply.Code, reply.Body)
		}
		if at := reply.Header().Get("Location"); at != "" && !location.MatchString(at) {
			t.Errorf("%s %q?%q leads to %q", method, path, query, at)
		}
		if reply.Code >= 400 && method != "HEAD" && strings.HasPrefix(reply.Header().Get("Content-Type"), "application/json") {
			wantRefusal(t, reply)
		}
		for _, pattern := range []string{"*", "ecr/*", "ecr/*/*"} {
			w.wantOnly(t, pattern)
		}
	})
}

func wantRefusal(t *testing.T, reply *httptest.ResponseRecorder) {
	t.Helper()
	var is struct {
		Errors []struct{ Code, Message string }
	}
	if err := json.Unmarshal(reply.Body.Bytes(), &is); err != nil || len(is.Errors) != 1 || is.Errors[0].Code == "" || is.Errors[0].Message == "" {
		t.Errorf("refused with %d %s", reply.Code, reply.Body)
	}
}

var stored = regexp.MustCompile(`^(aws\.db|ecr|ecr/(blobs|uploads)|ecr/blobs/sha256|ecr/uploads/[0-9a-f-]{36}(\.json(\.new)?)?)$`)

// wantOnly fails when a file is in the store that does not belong there.
func (w *world) wantOnly(t *testing.T, pattern string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(w.dir, pattern))
	must(t, err)
	for _, file := range found {
		if name, err := filepath.Rel(w.dir, file); err != nil || !stored.MatchString(filepath.ToSlash(name)) {
			t.Errorf("the store holds %s", file)
		}
	}
	if beside, err := os.ReadDir(filepath.Dir(w.dir)); err != nil || len(beside) != 1 {
		t.Errorf("%d files are beside the store, want none but it: %v", len(beside), err)
	}
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
