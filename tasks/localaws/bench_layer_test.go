package localaws_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
)

// registryServer is a registry to measure: where it is and how to authenticate.
type registryServer struct {
	name, url, authorization string
	push, pull               []time.Duration
}

// BenchmarkLayer pushes and pulls a layer of 200 MiB over loopback, to the local AWS and to Debian's docker-registry, each in
// a process of its own, on the same disk, by turns. It prints medians and their ratio: below 1 the local AWS is faster. Both
// sync what is pushed before they answer.
//
//	apt-get install docker-registry
//	go test ./tasks/localaws -run '^$' -bench Layer -benchtime 10x
//
// Without docker-registry it measures the local AWS alone.
func BenchmarkLayer(b *testing.B) {
	const size = 200 << 20
	both := []*registryServer{localRegistry(b)}
	if binary, err := exec.LookPath("docker-registry"); err == nil {
		both = append(both, debianRegistry(b, binary))
	}
	layer := make([]byte, size)
	random := rand.NewChaCha8([32]byte{})
	for i := range b.N {
		_, _ = random.Read(layer) // another layer each time: a known one would not be stored again
		digest := sum(layer)
		for j := range both {
			server := both[(i+j)%len(both)]
			server.push = append(server.push, server.pushLayer(b, layer, digest))
		}
		for j := range both {
			server := both[(i+j)%len(both)]
			server.pull = append(server.pull, server.pullLayer(b, layer, digest))
		}
	}
	b.ReportMetric(0, "ns/op")
	for _, server := range both {
		b.ReportMetric(float64(median(server.push).Milliseconds()), server.name+"-push-ms")
		b.ReportMetric(float64(median(server.pull).Milliseconds()), server.name+"-pull-ms")
	}
	if len(both) == 2 {
		b.ReportMetric(float64(median(both[0].push))/float64(median(both[1].push)), "push-ratio")
		b.ReportMetric(float64(median(both[0].pull))/float64(median(both[1].pull)), "pull-ratio")
	}
}

func median(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

func localRegistry(b *testing.B) *registryServer {
	p := spawn(b, b.TempDir(), homeKind+"=serve").ready()
	_, err := p.ecr().CreateRepository(b.Context(), &ecr.CreateRepositoryInput{RepositoryName: aws.String("bench")})
	wantOK(b, err)
	out, err := p.ecr().GetAuthorizationToken(b.Context(), &ecr.GetAuthorizationTokenInput{})
	wantOK(b, err)
	return &registryServer{name: "ours", url: p.url, authorization: "Basic " + *out.AuthorizationData[0].AuthorizationToken}
}

// debianRegistry starts docker-registry as its package's config.yml has it, but for the folder and the address.
func debianRegistry(b *testing.B, binary string) *registryServer {
	dir, port := b.TempDir(), freePort(b)
	config := fmt.Sprintf("version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage:\n  cache: {blobdescriptor: inmemory}\n"+
		"  filesystem: {rootdirectory: %q}\n  delete: {enabled: true}\nhttp: {addr: \"127.0.0.1:%d\"}\n", filepath.Join(dir, "data"), port)
	file := filepath.Join(dir, "config.yml")
	wantOK(b, os.WriteFile(file, []byte(config), 0o600))
	cmd := exec.Command(binary, "serve", file)
	wantOK(b, cmd.Start())
	b.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	server := &registryServer{name: "debian", url: fmt.Sprintf("http://127.0.0.1:%d", port)}
	for range 1000 {
		if reply, err := http.Get(server.url + "/v2/"); err == nil {
			reply.Body.Close()
			return server
		}
		time.Sleep(10 * time.Millisecond)
	}
	b.Fatal("docker-registry does not answer")
	return nil
}

// pushLayer pushes as docker does: a session, one PATCH of unknown length, a PUT that closes it.
func (s *registryServer) pushLayer(tb testing.TB, layer []byte, digest string) time.Duration {
	tb.Helper()
	begin := time.Now()
	begun := s.call(tb, http.StatusAccepted, "POST", "/v2/bench/blobs/uploads/", nil)
	patched := s.call(tb, http.StatusAccepted, "PATCH", begun.Header.Get("Location"), io.MultiReader(bytes.NewReader(layer)))
	at := patched.Header.Get("Location")
	if strings.Contains(at, "?") {
		at += "&digest=" + digest
	} else {
		at += "?digest=" + digest
	}
	s.call(tb, http.StatusCreated, "PUT", at, nil) // the registry has compared the digest
	return time.Since(begin)
}

// pullLayer reads a layer into memory, and returns how long that took; only then it looks whether it is the right one.
func (s *registryServer) pullLayer(tb testing.TB, into []byte, digest string) time.Duration {
	tb.Helper()
	begin := time.Now()
	reply := s.send(tb, http.StatusOK, "GET", "/v2/bench/blobs/"+digest, nil)
	defer reply.Body.Close()
	n, err := io.ReadFull(reply.Body, into)
	took := time.Since(begin)
	wantOK(tb, err)
	if got := sum(into[:n]); got != digest {
		tb.Fatalf("pulled %s, want %s", got, digest)
	}
	return took
}

func (s *registryServer) call(tb testing.TB, status int, method, at string, body io.Reader) *http.Response {
	tb.Helper()
	reply := s.send(tb, status, method, at, body)
	_, err := io.Copy(io.Discard, reply.Body)
	wantOK(tb, err)
	wantOK(tb, reply.Body.Close())
	return reply
}

func (s *registryServer) send(tb testing.TB, status int, method, at string, body io.Reader) *http.Response {
	tb.Helper()
	if !strings.HasPrefix(at, "http") {
		at = s.url + at
	}
	request, err := http.NewRequestWithContext(tb.Context(), method, at, body)
	wantOK(tb, err)
	request.Header.Set("Authorization", s.authorization)
	reply, err := http.DefaultClient.Do(request)
	wantOK(tb, err)
	if reply.StatusCode != status {
		text, _ := io.ReadAll(reply.Body)
		tb.Fatalf("%s %s: %s %s", method, at, reply.Status, text)
	}
	return reply
}
