package localaws_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"

	"envoy-proxy-poc/tasks/localaws"
)

const ecrTarget = "AmazonEC2ContainerRegistry_V20150921."

// plane is a request to one of the planes, and its answer to somebody who has no credentials.
type plane struct {
	name, method, path string
	headers            []string
	unsigned           int
}

var planes = []plane{
	{"registry", "GET", "/v2/", nil, http.StatusUnauthorized},
	{"upload", "POST", "/v2/app/blobs/uploads/", nil, http.StatusUnauthorized},
	{"download", "GET", "/-/layers/" + strings.Repeat("a", 64), nil, http.StatusForbidden},
	{"ECR", "POST", "/", []string{"X-Amz-Target", ecrTarget + "DescribeRepositories"}, http.StatusBadRequest},
	{"S3", "PUT", "/bucket", nil, http.StatusForbidden},
	{"STS", "POST", "/?Action=GetCallerIdentity&Version=2011-06-15", []string{"Content-Type", "application/x-www-form-urlencoded"}, http.StatusForbidden},
}

// TestForeignWebPages: a page can send requests to loopback, and can have its own name lead there, but what it sends that way
// carries no credentials, or another Host, or both.
func TestForeignWebPages(t *testing.T) {
	l := start(t, localaws.Options{})
	for _, p := range planes {
		for _, host := range []string{"evil.example", "localhost.evil.example:80", "127.0.0.1.nip.io", "169.254.169.254", "0.0.0.0", "[::]", "LOCALHOST"} {
			headers := append([]string{"Host", host, "Authorization", signed}, p.headers...)
			if got := l.do(p.method, p.path, "", headers...).StatusCode; got != http.StatusForbidden {
				t.Errorf("%s: a request to host %q = %d, want 403", p.name, host, got)
			}
		}
		headers := append([]string{"Origin", "http://evil.example"}, p.headers...)
		reply := l.do(p.method, p.path, "", headers...)
		if reply.StatusCode != p.unsigned {
			t.Errorf("%s: without credentials = %d, want %d", p.name, reply.StatusCode, p.unsigned)
		}
		if allowed := reply.Header.Get("Access-Control-Allow-Origin"); allowed != "" {
			t.Errorf("%s: lets %q read the answer", p.name, allowed)
		}
	}
}

// TestPageIsForVisitors: a browser that opens the address gets the page, which may call the local AWS. Clients of S3, other
// sites and other names do not get it.
func TestPageIsForVisitors(t *testing.T) {
	var l *local
	l = start(t, localaws.Options{Page: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner := l.do("GET", "/v2/", "").StatusCode
		_, _ = fmt.Fprintf(w, "a page, and %d", inner)
	})})
	get := func(method, path string, headers ...string) string {
		text, err := io.ReadAll(l.do(method, path, "", headers...).Body)
		wantOK(t, err)
		return string(text)
	}
	visit := []string{"Accept", "text/html,application/xhtml+xml"}
	if got := get("GET", "/", visit...); got != "a page, and 401" {
		t.Errorf("a visitor gets %q, want the page", got)
	}
	for name, headers := range map[string][]string{
		"another client": {"Accept", "*/*"}, "a client with keys": append(visit, "Authorization", signed),
		"another site": append(visit, "Origin", "http://evil.example"), "a frame": append(visit, "Sec-Fetch-Dest", "iframe"),
		"another name": append(visit, "Host", "evil.example"),
	} {
		if got := get("GET", "/", headers...); strings.Contains(got, "a page") {
			t.Errorf("%s gets the page", name)
		}
	}
	for method, path := range map[string]string{"POST": "/", "GET": "/bucket"} {
		if got := get(method, path, visit...); strings.Contains(got, "a page") {
			t.Errorf("%s %s gets the page", method, path)
		}
	}
}

// TestNothingLeavesTheFolder tries, on every plane, names that would be paths.
func TestNothingLeavesTheFolder(t *testing.T) {
	outside := t.TempDir()
	home := filepath.Join(outside, "a", "b", "home")
	wantOK(t, os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600))
	p := spawn(t, home).ready()
	_, err := p.ecr().CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: aws.String("app")})
	wantOK(t, err)
	makeBucket(t, p.s3(), "bucket")
	token, err := p.ecr().GetAuthorizationToken(t.Context(), &ecr.GetAuthorizationTokenInput{})
	wantOK(t, err)
	basic := "Basic " + *token.AuthorizationData[0].AuthorizationToken
	up, text := strings.Repeat("../", 9), bytes.Repeat([]byte("x"), 2*inlineMax)
	for _, evil := range []string{
		up + "secret", strings.ReplaceAll(up+"secret", "/", "%2f"), strings.ReplaceAll(up, ".", "%2e") + "secret",
		`..\..\secret`, "/etc/passwd", "sha256:" + up + "secret", "app\x00/../secret", "%00", "~/secret", "con",
	} {
		quoted := strings.ReplaceAll(evil, "\x00", "%00")
		for _, path := range []string{
			"/v2/" + quoted + "/manifests/v1", "/v2/app/manifests/" + quoted, "/v2/app/blobs/" + quoted, "/v2/app/blobs/uploads/" + quoted,
			"/v2/app/blobs/uploads/?digest=" + quoted, "/v2/app/blobs/uploads/?mount=" + quoted + "&from=" + quoted, "/v2/app/referrers/" + quoted, "/-/layers/" + quoted,
		} {
			for _, method := range []string{"GET", "PUT", "POST", "PATCH", "DELETE"} {
				wantNoSecret(t, p, method, path, text, "Authorization", basic)
			}
		}
		for _, path := range []string{"/bucket/" + quoted, "/" + quoted, "/bucket/k?versionId=" + quoted, "/bucket/k?uploadId=" + quoted + "&partNumber=1"} {
			for _, method := range []string{"PUT", "GET", "DELETE", "POST"} {
				wantNoSecret(t, p, method, path, text, "Authorization", strings.Replace(signed, "ecr", "s3", 1), "X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
			}
		}
		for operation, body := range map[string]string{
			"CreateRepository": `{"repositoryName":%q}`, "InitiateLayerUpload": `{"repositoryName":%q}`, "GetDownloadUrlForLayer": `{"repositoryName":"app","layerDigest":%q}`,
			"UploadLayerPart":     `{"repositoryName":"app","uploadId":%q,"partFirstByte":0,"partLastByte":3,"layerPartBlob":"eHh4eA=="}`,
			"CompleteLayerUpload": `{"repositoryName":"app","uploadId":"00000000-0000-4000-8000-000000000000","layerDigests":[%q]}`,
			"PutImage":            `{"repositoryName":"app","imageManifest":"{}","imageTag":%q}`, "BatchGetImage": `{"repositoryName":"app","imageIds":[{"imageDigest":%q}]}`,
		} {
			wantNoSecret(t, p, "POST", "/", fmt.Appendf(nil, body, evil), "X-Amz-Target", ecrTarget+operation, "Authorization", signed)
		}
		wantNoSecret(t, p, "POST", "/", []byte(`{"repositoryName":"app"}`), "X-Amz-Target", ecrTarget+"CreateRepository",
			"Authorization", strings.Replace(signed, region, strings.ReplaceAll(evil, "\x00", ""), 1))
	}
	p.stop()
	for _, file := range filesBelow(t, outside) {
		if !strings.HasPrefix(file, home+"/") && file != filepath.Join(outside, "secret") {
			t.Errorf("%s was made", file)
		}
	}
	wantPrivate(t, home)
}

func wantNoSecret(t *testing.T, p *process, method, path string, body []byte, headers ...string) {
	t.Helper()
	reply, text, err := call(t.Context(), method, p.url+path, body, headers...)
	if err != nil { // Go's own client refuses to send some
		return
	}
	if reply.StatusCode >= 500 && reply.StatusCode != http.StatusNotImplemented || string(text) == "secret" || strings.Contains(string(text), "root:") {
		t.Errorf("%s %s = %s %.200s", method, path, reply.Status, text)
	}
}

// wantPrivate looks at what a home holds: nobody but the user may read or enter it.
func wantPrivate(t *testing.T, home string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		return
	}
	entries := 0
	wantOK(t, filepath.WalkDir(home, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		entries++
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	}))
	if entries < 10 {
		t.Errorf("%d files and folders: this test looks in the wrong place", entries)
	}
}

// TestBounds: what a client can make the local AWS hold is bounded on every plane.
func TestBounds(t *testing.T) {
	home := localaws.Home{Dir: t.TempDir(), Kind: "serve"}
	serving, err := home.Start(t.Context())
	wantOK(t, err)
	defer func() { wantOK(t, serving.Close(t.Context())) }()
	client := ecrAt(serving.URL)
	_, err = client.CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: aws.String("app")})
	wantOK(t, err)
	token, err := client.GetAuthorizationToken(t.Context(), &ecr.GetAuthorizationTokenInput{})
	wantOK(t, err)
	basic, forS3 := "Basic "+*token.AuthorizationData[0].AuthorizationToken, strings.Replace(signed, "ecr", "s3", 1)
	makeBucket(t, s3At(serving.URL), "bucket")
	for _, c := range []struct {
		name, method, path string
		size               int
		headers            []string
		status             int
		says               string
	}{
		{"a manifest", "PUT", "/v2/app/manifests/v1", 4<<20 + 1, []string{"Authorization", basic}, 413, "larger than 4194304 bytes"},
		{"a call", "POST", "/", 32<<20 + 1, []string{"Authorization", signed, "X-Amz-Target", ecrTarget + "PutImage"}, 400, "RequestEntityTooLarge"},
		{"a document", "PUT", "/bucket?versioning", 4<<20 + 1, []string{"Authorization", forS3, "X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"}, 400, "EntityTooLarge"},
		{"a form", "POST", "/", 64<<10 + 1, []string{"Authorization", strings.Replace(signed, "ecr", "sts", 1), "Content-Type", "application/x-www-form-urlencoded"}, 400, "MalformedQueryString"},
		{"headers", "GET", "/v2/", 0, []string{"Authorization", basic, "X-Long", strings.Repeat("x", 100<<10)}, 431, ""},
		{"a key", "PUT", "/bucket/" + strings.Repeat("k", 1025), 1, []string{"Authorization", forS3, "X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"}, 400, "KeyTooLong"},
	} {
		reply, text, err := call(t.Context(), c.method, serving.URL+c.path, bytes.Repeat([]byte(" "), c.size), c.headers...)
		if err != nil || reply.StatusCode != c.status || !strings.Contains(string(text), c.says) {
			t.Errorf("%s of %d bytes too many: %v, %v %.200s, want %d and %q", c.name, c.size, err, reply, text, c.status, c.says)
		}
	}
	// An object of more than 5 GiB is refused before it is sent.
	conn := dial(t, serving.URL)
	_, err = fmt.Fprintf(conn, "PUT /bucket/k HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\nX-Amz-Content-Sha256: UNSIGNED-PAYLOAD\r\n"+
		"Content-Length: %d\r\nConnection: close\r\n\r\n", forS3, 5<<30+1)
	wantOK(t, err)
	if text, err := io.ReadAll(conn); !strings.Contains(string(text), "EntityTooLarge") {
		t.Errorf("an object too large: %s, %v", text, err)
	}
}

func dial(t *testing.T, url string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp4", strings.TrimPrefix(url, "http://"))
	wantOK(t, err)
	t.Cleanup(func() { conn.Close() })
	return conn
}

// TestSlowClients: a client that does not come to the end of its headers is dropped after ten seconds; one whose layer takes
// longer than that to arrive is not.
func TestSlowClients(t *testing.T) {
	takesLong(t)
	t.Parallel()
	p := spawn(t, t.TempDir()).ready()
	_, err := p.ecr().CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: aws.String("app")})
	wantOK(t, err)
	token, err := p.ecr().GetAuthorizationToken(t.Context(), &ecr.GetAuthorizationTokenInput{})
	wantOK(t, err)
	idler := dial(t, p.url)
	_, err = io.WriteString(idler, "GET /v2/ HTTP/1.1\r\nHost: localhost\r\n")
	wantOK(t, err)
	body, slow := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), "POST", p.url+"/v2/app/blobs/uploads/?digest="+sum([]byte("slowly")), body)
	wantOK(t, err)
	request.Header.Set("Authorization", "Basic "+*token.AuthorizationData[0].AuthorizationToken)
	go func() {
		_, _ = io.WriteString(slow, "slow")
		_, _ = io.Copy(io.Discard, idler) // until it is dropped
		time.Sleep(100 * time.Millisecond)
		_, _ = io.WriteString(slow, "ly")
		_ = slow.Close()
	}()
	reply, err := http.DefaultClient.Do(request)
	wantOK(t, err)
	wantOK(t, reply.Body.Close())
	if reply.StatusCode != http.StatusCreated {
		t.Errorf("the slow upload is %s", reply.Status)
	}
}

// TestNothingIsLeftRunning: after many requests on every plane no goroutine is left of them.
func TestNothingIsLeftRunning(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	auth := l.login()
	round := func() {
		l.push("app:v1", image(t), auth)
		for _, p := range planes {
			l.do(p.method, p.path, "", p.headers...)
		}
		makeBucket(t, s3At(l.url), fmt.Sprint("bucket", time.Now().UnixNano()))
		http.DefaultClient.CloseIdleConnections()
	}
	round()
	before := settled()
	for range 20 {
		round()
	}
	if after := settled(); after > before+2 {
		buf := make([]byte, 1<<20)
		t.Errorf("%d goroutines, %d before\n%s", after, before, buf[:runtime.Stack(buf, true)])
	}
}

// settled is the number of goroutines when it does not fall any more.
func settled() int {
	n := runtime.NumGoroutine()
	for range 20 {
		time.Sleep(20 * time.Millisecond)
		n = min(n, runtime.NumGoroutine())
	}
	return n
}
