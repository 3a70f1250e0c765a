package image

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-containerregistry/pkg/authn"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"envoy-proxy-poc/tasks/localaws"
)

func TestAttach(t *testing.T) {
	b := builtWithModule(t, amd64, arm64)
	for _, dialect := range []string{"oci", "ecr"} {
		w := newWorld(t, localaws.Options{Dialect: dialect})
		d := w.dial(t, "team/app")
		if _, err := Push(t.Context(), []Job{{To: d, Image: b, Tags: Tags{Fixed: []string{"v1"}}}}); err != nil {
			t.Fatal(err)
		}
		first, err := Attach(t.Context(), d, b)
		if err != nil || !first.New || first.Refused != nil {
			t.Fatalf("%s: Attach = %+v, %v, want a new SBOM", dialect, first, err)
		}
		before := w.requests.Load()
		again, err := Attach(t.Context(), d, b)
		if err != nil || again != (Attached{Digest: first.Digest}) || w.requests.Load() != before+1 {
			t.Errorf("%s: Attach again = %+v, %v after %d requests, want one HEAD", dialect, again, err,
				w.requests.Load()-before)
		}
		w.wantReferrer(t, "team/app", b, first.Digest)
		w.wantTags(t, "team/app", "v1") // and no sha256-… in the referrers' stead
	}
}

// wantReferrer wants a registry to list the SBOM as the image's only one, and to have all of it.
func (w *world) wantReferrer(t *testing.T, repository string, b Built, digest v1.Hash) {
	t.Helper()
	auth, _, err := w.token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	repo := w.dial(t, repository).repo
	index, err := remote.Referrers(repo.Digest(b.Digest.String()), remote.WithAuth(authn.FromConfig(auth)),
		remote.WithReferrersTagFallback(false))
	if err != nil {
		t.Fatal(err)
	}
	list, err := index.IndexManifest()
	if err != nil || len(list.Manifests) != 1 {
		t.Fatalf("referrers = %+v, %v, want one", list, err)
	}
	if one := list.Manifests[0]; one.Digest != digest || one.ArtifactType != string(sbomType) ||
		one.Annotations[createdAnnotation] != "2026-03-04T05:06:07Z" {
		t.Errorf("the referrer is %+v, want the SBOM %s", one, digest)
	}
	img, err := remote.Image(repo.Digest(digest.String()), remote.WithAuth(authn.FromConfig(auth)))
	if err != nil {
		t.Fatal(err)
	}
	layers, err := img.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("the SBOM has %d layers, %v, want one", len(layers), err)
	}
	if got := content(t, layers[0].Compressed); !strings.HasPrefix(string(got), `{"bomFormat":"CycloneDX"`) {
		t.Errorf("the layer is %.40s…, want the document", got)
	}
	if config, err := img.RawConfigFile(); err != nil || string(config) != "{}" {
		t.Errorf("the config is %s, %v, want {}", config, err)
	}
}

func (w *world) wantTags(t *testing.T, repository string, want ...string) {
	t.Helper()
	out, err := w.ecr.ListImages(t.Context(), &awsecr.ListImagesInput{
		RepositoryName: &repository, Filter: &types.ListImagesFilter{TagStatus: types.TagStatusTagged},
	})
	if err != nil {
		t.Fatal(err)
	}
	var tags []string
	for _, id := range out.ImageIds {
		tags = append(tags, *id.ImageTag)
	}
	if !slices.Equal(tags, want) {
		t.Errorf("the tags are %q, want %q", tags, want)
	}
}

// TestAttachHasItsLimit: ECR takes a hundred artifacts for an image.
func TestAttachHasItsLimit(t *testing.T) {
	takesLong(t)
	w, b := newWorld(t, localaws.Options{}), builtWithModule(t, amd64)
	d := w.dial(t, "team/app")
	if _, err := Push(t.Context(), []Job{{To: d, Image: b}}); err != nil {
		t.Fatal(err)
	}
	for i := range referrersLimit {
		r, err := newReferrer(b, fmt.Appendf(nil, "{%d}", i))
		if err == nil {
			err = d.refer(t.Context(), r)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	a, err := Attach(t.Context(), d, b)
	if err != nil || a.New || a.Refused == nil || !strings.Contains(a.Refused.Error(),
		"100 artifacts refer to the image already") {
		t.Errorf("Attach = %+v, %v, want a refusal that is no error", a, err)
	}
	r, err := newReferrer(b, []byte("{100}"))
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, d.refer(t.Context(), r), "maximum number of referrers") // so it is ECR's limit that was met
}

// TestAttachIsRefused has registries that take no referrer: the image is as good without.
func TestAttachIsRefused(t *testing.T) {
	b := builtWithModule(t, amd64)
	for name, c := range map[string]struct {
		list, put int // statuses; 0 answers as a registry that knows referrers does
		word      string
		sent      bool
	}{
		"without a list":           {list: 404, word: "keeps no list"},
		"without any support":      {list: 405, word: "keeps no list"},
		"behind a web page":        {list: 200, word: "keeps no list"},
		"that refuses its form":    {put: 400, word: "400", sent: true},
		"as ECR sometimes answers": {put: 405, word: "405", sent: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			if _, err := pushOne(t.Context(), s.Target, b, Tags{Fixed: []string{"v1"}}, sending{}); err != nil {
				t.Fatal(err)
			}
			s.fail(func(w http.ResponseWriter, r *http.Request) bool {
				switch lists := strings.Contains(r.URL.Path, "/referrers/"); {
				case lists && c.list == 200:
					w.Header().Set("Content-Type", "text/html")
					return true
				case lists && c.list != 0:
					return refuse(w, c.list, "UNSUPPORTED", "no")
				case lists:
					w.Header().Set("Content-Type", "application/vnd.oci.image.index.v1+json")
					fmt.Fprint(w, `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}`)
					return true
				case r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/manifests/"):
					return refuse(w, c.put, "UNSUPPORTED", "no")
				}
				return false
			})
			d := s.dial(t)
			s.seen()
			a, err := Attach(t.Context(), d, b)
			if err != nil || a.New || a.Refused == nil || !strings.Contains(a.Refused.Error(), c.word) {
				t.Errorf("Attach = %+v, %v, want a refusal with %q that is no error", a, err, c.word)
			}
			if sent := slices.ContainsFunc(s.seen(), func(r string) bool { return strings.HasPrefix(r, "P") }); sent != c.sent {
				t.Errorf("something was sent: %t, want %t", sent, c.sent)
			}
		})
	}
}

// TestAttachFails has what is no matter of referrers.
func TestAttachFails(t *testing.T) {
	s, b := serve(t), builtWithModule(t, amd64)
	d := s.dial(t)
	s.fail(func(w http.ResponseWriter, r *http.Request) bool {
		return strings.Contains(r.URL.Path, "/referrers/") && refuse(w, 403, "DENIED",
			"not authorized to perform ecr:BatchGetImage")
	})
	if _, err := Attach(t.Context(), d, b); !errors.Is(err, ErrDenied) {
		t.Errorf("Attach without the right = %v, want %v", err, ErrDenied)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("interrupted"))
	_, err := Attach(ctx, d, b)
	wantError(t, err, `attaching an SBOM to "app": interrupted`)
}

// TestCompleteBeforeTags: what belongs to an image is there before a tag points at it, and where that fails for one
// image, no tag of any is written.
func TestCompleteBeforeTags(t *testing.T) {
	for _, broken := range []bool{false, true} {
		w := newWorld(t, localaws.Options{})
		var jobs []Job
		for _, repository := range []string{"team/app", "team/client"} {
			to := w.dial(t, repository)
			b := builtWithModule(t, amd64, arm64)
			jobs = append(jobs, Job{
				To: to, Image: b, Tags: Tags{Fixed: []string{"v1", "latest"}, Stamp: "now"},
				Complete: func(ctx context.Context) error {
					w.wantTags(t, repository)
					if _, there, err := to.head(ctx, b.Digest.String()); err != nil || !there {
						t.Errorf("%s is not complete yet: %v", repository, err)
					}
					if broken && repository == "team/client" {
						return errors.New("no SBOM")
					}
					_, err := Attach(ctx, to, b)
					return err
				},
			})
		}
		results, err := Push(t.Context(), jobs)
		if !broken {
			if err != nil || !slices.Equal(results[0].Written, []string{"now", "v1", "latest"}) {
				t.Errorf("Push = %+v, %v", results, err)
			}
			w.wantTags(t, "team/client", "latest", "now", "v1")
			continue
		}
		wantError(t, err, `pushing "app" to "team/app": these tags were not written, because another image failed `+
			"(not written: now, v1, latest)", `pushing "app" to "team/client": no SBOM (not written: now, v1, latest)`)
		w.wantTags(t, "team/app")
		w.wantTags(t, "team/client")
	}
}
