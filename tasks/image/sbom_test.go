package image

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"envoy-proxy-poc/tasks/localaws"
)

// builtClient is this project's own program with modules in it.
func builtClient(t *testing.T) Built {
	t.Helper()
	mods, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	built, err := Build(t.Context(), Source{
		Apps: []string{"client"}, Root: "../..", Env: append(os.Environ(), "GOMODCACHE="+strings.TrimSpace(string(mods))), Revision: revision,
	})
	if err != nil {
		t.Fatal(err)
	}
	return built[0]
}

func TestSBOM(t *testing.T) {
	b := builtClient(t)
	document, err := SBOM(b)
	if err != nil {
		t.Fatal(err)
	}
	again, err := SBOM(b)
	if err != nil || !bytes.Equal(document, again) {
		t.Errorf("SBOM is not the same twice (%v)", err)
	}
	var got bom
	if err := json.Unmarshal(document, &got); err != nil {
		t.Fatal(err)
	}
	if got.Format != "CycloneDX" || got.SpecVersion != "1.6" || got.Metadata.Component.Ref != b.Digest.String() {
		t.Errorf("SBOM begins with %s %s of %s", got.Format, got.SpecVersion, got.Metadata.Component.Ref)
	}
	refs := map[string]int{b.Digest.String(): 1}
	for _, c := range got.Components {
		refs[c.Ref]++
	}
	for _, want := range []string{"client@linux/amd64", "client@linux/arm64", "pkg:golang/stdlib@1."} {
		if !strings.Contains(string(document), `"bom-ref":"`+want) {
			t.Errorf("SBOM has no component %s…", want)
		}
	}
	if !strings.Contains(string(document), `"purl":"pkg:golang/github.com/coder/websocket@v1.`) {
		t.Error("SBOM does not name the WebSocket library")
	}
	// A bom-ref stands once, and every dependency names one (CycloneDX 1.6).
	for ref, n := range refs {
		if n != 1 {
			t.Errorf("SBOM has %d components %s", n, ref)
		}
	}
	for _, d := range got.Dependencies {
		for _, ref := range append(d.DependsOn, d.Ref) {
			if refs[ref] == 0 {
				t.Errorf("SBOM depends on %s, which it does not list", ref)
			}
		}
	}
}

func TestAttach(t *testing.T) {
	b := builtClient(t)
	for _, dialect := range []string{"oci", "ecr"} {
		w := newWorld(t, localaws.Options{Dialect: dialect})
		d := w.dial(t, "team/client")
		if _, err := Push(t.Context(), []Job{{To: d, Image: b, Tags: tags}}); err != nil {
			t.Fatal(err)
		}
		first, err := Attach(t.Context(), d, b)
		if err != nil || !first.New || first.Refused != nil {
			t.Fatalf("Attach = %+v, %v, want a new SBOM", first, err)
		}
		before := w.requests.Load()
		again, err := Attach(t.Context(), d, b)
		if err != nil || again.New || again.Digest != first.Digest || w.requests.Load() != before+1 {
			t.Errorf("Attach again = %+v, %v after %d requests, want one HEAD", again, err, w.requests.Load()-before)
		}
		auth, _, err := w.token(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		index, err := remote.Referrers(d.repo.Digest(b.Digest.String()), remote.WithAuth(authn.FromConfig(auth)))
		if err != nil {
			t.Fatal(err)
		}
		if m, err := index.IndexManifest(); err != nil || len(m.Manifests) != 1 || m.Manifests[0].Digest != first.Digest {
			t.Errorf("referrers = %+v, %v, want the SBOM", m, err)
		}
	}
}

// TestAttachIsRefused: the registry takes no referrer, and the image is as good without.
func TestAttachIsRefused(t *testing.T) {
	s, b := serve(t), builtClient(t)
	mustPush(t, s, b, tags, sending{})
	s.fail(func(w http.ResponseWriter, r *http.Request) bool {
		return r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/manifests/") && refuse(w, 405, "UNSUPPORTED", "Method Not Allowed")
	})
	a, err := Attach(t.Context(), s.dial(t), b)
	if err != nil || a.New || a.Refused == nil || !strings.Contains(a.Refused.Error(), "405") {
		t.Errorf("Attach = %+v, %v, want a refusal that is no error", a, err)
	}
}
