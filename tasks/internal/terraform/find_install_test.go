package terraform

import (
	"archive/zip"
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// releasesServer serves one version as releases.hashicorp.com does, signed with a key of its own.
type releasesServer struct {
	*httptest.Server
	key       string // armored public key
	files     map[string][]byte
	downloads atomic.Int32
	archive   http.HandlerFunc // answers for the archive, where it is set
}

const servedVersion = "1.11.4"

func newReleasesServer(t *testing.T, program string) *releasesServer {
	t.Helper()
	s := &releasesServer{files: map[string][]byte{}}
	base := "/terraform/" + servedVersion + "/"
	archive := fmt.Sprintf("terraform_%s_%s_%s.zip", servedVersion, runtime.GOOS, runtime.GOARCH)
	sums, signature := "terraform_"+servedVersion+"_SHA256SUMS", "terraform_"+servedVersion+"_SHA256SUMS.sig"
	s.files[base+archive] = zipped(t, program)
	s.files[base+sums] = fmt.Appendf(nil, "%x  %s\n", sha256.Sum256(s.files[base+archive]), archive)
	s.key, s.files[base+signature] = signed(t, s.files[base+sums])
	index, err := json.Marshal(map[string]any{
		"name": "terraform", "version": servedVersion, "shasums": sums,
		"shasums_signature": signature, "shasums_signatures": []string{signature},
		"builds": []map[string]string{{
			"name": "terraform", "version": servedVersion, "os": runtime.GOOS, "arch": runtime.GOARCH,
			"filename": archive, "url": "https://releases.hashicorp.com" + base + archive,
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.files[base+"index.json"] = index
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *releasesServer) serve(w http.ResponseWriter, r *http.Request) {
	content, ok := s.files[r.URL.Path]
	switch {
	case !ok:
		http.NotFound(w, r)
		return
	case strings.HasSuffix(r.URL.Path, ".zip") && s.archive != nil:
		s.archive(w, r)
		return
	case strings.HasSuffix(r.URL.Path, ".zip"):
		s.downloads.Add(1)
		w.Header().Set("Content-Type", "application/zip")
	case strings.HasSuffix(r.URL.Path, ".json"):
		w.Header().Set("Content-Type", "application/json")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = w.Write(content)
}

func zipped(t *testing.T, program string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{"terraform": "#!/bin/sh\n" + program + "\n", "LICENSE.txt": "text"} {
		f, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func signed(t *testing.T, content []byte) (key string, signature []byte) {
	t.Helper()
	return signedWith(t, content, &packet.Config{})
}

// signedWith signs with a new key, made when config says.
func signedWith(t *testing.T, content []byte, config *packet.Config) (key string, signature []byte) {
	t.Helper()
	config.DefaultHash, config.Algorithm = crypto.SHA256, packet.PubKeyAlgoEdDSA
	entity, err := openpgp.NewEntity("Test", "", "test@example.com", config)
	if err != nil {
		t.Fatal(err)
	}
	var public, sig bytes.Buffer
	w, err := armor.Encode(&public, openpgp.PublicKeyType, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := entity.Serialize(w); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := openpgp.DetachSign(&sig, entity, bytes.NewReader(content), config); err != nil {
		t.Fatal(err)
	}
	return public.String(), sig.Bytes()
}

func (s *releasesServer) search(cache string) Search {
	return Search{
		Constraint: ">= 1.11", CacheDir: cache, Install: servedVersion, BaseURL: s.URL,
		ArmoredPublicKey: s.key,
	}
}

func TestInstallOnceForAll(t *testing.T) {
	server := newReleasesServer(t, answer(servedVersion))
	cache := filepath.Join(t.TempDir(), "new", "cache")
	if err := os.MkdirAll(filepath.Join(cache, unfinished+"killed"), 0o700); err != nil {
		t.Fatal(err)
	}
	story := &watched{}
	search := server.search(cache)
	search.Story = story
	var installed atomic.Int32
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			b, err := Find(t.Context(), search)
			if err != nil || b.Path != filepath.Join(cache, servedVersion, "terraform") || b.Version != servedVersion {
				t.Errorf("Find = %+v, %v", b, err)
			}
			if b.Installed {
				installed.Add(1)
			}
		})
	}
	all.Wait()
	if got := server.downloads.Load(); got != 1 || installed.Load() != 1 {
		t.Errorf("%d downloads, %d installations, want one", got, installed.Load())
	}
	if want := "installing terraform " + servedVersion + " from " + server.URL; !strings.Contains(story.String(), want) {
		t.Errorf("story = %q, want %q in it", story, want)
	}
	if left, _ := filepath.Glob(filepath.Join(cache, unfinished+"*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	server.Close()
	if b, err := Find(t.Context(), search); err != nil || b.Installed {
		t.Errorf("without the server: Find = %+v, %v, want the one in the cache", b, err)
	}
}

func TestInstallRefusesWhatItCannotTrust(t *testing.T) {
	archive := fmt.Sprintf("/terraform/%s/terraform_%s_%s_%s.zip", servedVersion, servedVersion, runtime.GOOS,
		runtime.GOARCH)
	sums := fmt.Sprintf("/terraform/%s/terraform_%s_SHA256SUMS", servedVersion, servedVersion)
	tests := []struct {
		name, want string
		tamper     func(t *testing.T, s *releasesServer, search *Search)
	}{
		{
			"another archive", "does not match its checksum",
			func(t *testing.T, s *releasesServer, _ *Search) { s.files[archive] = zipped(t, "echo evil") },
		},
		{"other checksums", "signature", func(t *testing.T, s *releasesServer, _ *Search) {
			s.files[archive] = zipped(t, "echo evil")
			s.files[sums] = fmt.Appendf(nil, "%x  %s\n", sha256.Sum256(s.files[archive]), filepath.Base(archive))
		}},
		{
			"not HashiCorp's key", "signature",
			func(_ *testing.T, _ *releasesServer, search *Search) { search.ArmoredPublicKey = "" },
		},
		{"an expired key", "expired", func(t *testing.T, s *releasesServer, search *Search) {
			then := func() time.Time { return time.Now().Add(-48 * time.Hour) }
			search.ArmoredPublicKey, s.files[sums+".sig"] = signedWith(t, s.files[sums],
				&packet.Config{Time: then, KeyLifetimeSecs: 3600})
		}},
		{"cut off", "cut off after 100 of", func(_ *testing.T, s *releasesServer, _ *Search) {
			s.archive = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/zip")
				w.Header().Set("Content-Length", strconv.Itoa(len(s.files[archive])))
				_, _ = w.Write(s.files[archive][:100])
			}
		}},
		{"too large", "more than the", func(_ *testing.T, s *releasesServer, _ *Search) {
			s.archive = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", strconv.Itoa(sizeLimit+1))
				w.WriteHeader(http.StatusOK)
			}
		}},
		{"no such version", "404", func(_ *testing.T, s *releasesServer, _ *Search) { clear(s.files) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := newReleasesServer(t, answer(servedVersion))
			search := server.search(t.TempDir())
			test.tamper(t, server, &search)
			_, err := Find(t.Context(), search)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Find = %v, want %q", err, test.want)
			}
			if err != nil && !strings.Contains(err.Error(), "TERRAFORM_PATH") {
				t.Errorf("Find = %v, want the way out in it", err)
			}
			if left, err := os.ReadDir(search.CacheDir); err != nil || len(left) != 1 || left[0].Name() != ".lock" {
				t.Errorf("the cache holds %v (%v), want only the lock", left, err)
			}
		})
	}
}

func TestInstallKeepsNoTerraformThatDoesNotRun(t *testing.T) {
	for _, program := range []string{"exit 1", "echo cut off", answer("1.13.0")} {
		server := newReleasesServer(t, program)
		cache := t.TempDir()
		if b, err := Find(t.Context(), server.search(cache)); err == nil {
			t.Errorf("%q: Find = %+v, want an error", program, b)
		}
		if _, err := os.Stat(filepath.Join(cache, servedVersion)); !os.IsNotExist(err) {
			t.Errorf("%q is in the cache all the same: %v", program, err)
		}
	}
}

func TestInstallAgainAfterACutDownload(t *testing.T) {
	server := newReleasesServer(t, answer(servedVersion))
	search := server.search(t.TempDir())
	server.archive = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
	if b, err := Find(t.Context(), search); err == nil {
		t.Fatalf("Find = %+v of a server that is out of order", b)
	}
	server.archive = nil
	var done, total int64
	search.Progress = func(d, t int64) { done, total = d, t }
	if b, err := Find(t.Context(), search); err != nil || !b.Installed {
		t.Errorf("Find = %+v, %v, want it installed", b, err)
	}
	if done == 0 || done != total {
		t.Errorf("progress ended at %d of %d", done, total)
	}
}
