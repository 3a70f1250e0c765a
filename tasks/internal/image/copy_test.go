package image

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/static"
	registrytypes "github.com/google/go-containerregistry/pkg/v1/types"

	"envoy-proxy-poc/tasks/localaws"
)

// signed pushes an index with an SBOM, a signature of the SBOM, and a signature of the first platform's image.
func signed(t *testing.T, d *Destination) Built {
	t.Helper()
	b := fake(t, strings.Repeat("program", 30_000), amd64, arm64)
	if _, err := Push(t.Context(), []Job{{To: d, Image: b, Tags: Tags{Fixed: []string{"v1"}}}}); err != nil {
		t.Fatal(err)
	}
	images, err := b.images()
	if err != nil {
		t.Fatal(err)
	}
	platform, err := images[0].Digest()
	if err != nil {
		t.Fatal(err)
	}
	sbom := refer(t, d, b.Digest, "SBOM")
	refer(t, d, sbom, "signature of the SBOM")
	refer(t, d, platform, "signature of a platform")
	return b
}

// refer pushes an artifact that refers to a manifest.
func refer(t *testing.T, d *Destination, subject v1.Hash, text string) v1.Hash {
	t.Helper()
	to, err := d.puller.Get(t.Context(), d.ref(subject.String()))
	if err != nil {
		t.Fatal(err)
	}
	blobs := []v1.Layer{static.NewLayer([]byte("{}"), emptyType), static.NewLayer([]byte(text), sbomType)}
	config, configErr := partial.Descriptor(blobs[0])
	content, contentErr := partial.Descriptor(blobs[1])
	if err := cmp.Or(configErr, contentErr); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(artifactManifest{ArtifactType: sbomType, Manifest: v1.Manifest{
		SchemaVersion: 2, MediaType: registrytypes.OCIManifestSchema1, Config: *config, Layers: []v1.Descriptor{*content},
		Subject: &v1.Descriptor{MediaType: to.MediaType, Digest: subject, Size: to.Size},
	}})
	if err != nil {
		t.Fatal(err)
	}
	digest, _, err := v1.SHA256(strings.NewReader(string(raw)))
	if err == nil {
		err = d.refer(t.Context(), referrer{raw, digest, blobs})
	}
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

// copying is a job that copies b under the tag v1.
func copying(t *testing.T, from, to *Destination, b Built) Job {
	t.Helper()
	c, err := Copy(t.Context(), "app", from, to, b.Digest.String())
	if err != nil {
		t.Fatal(err)
	}
	if c.Size != b.Size || !slices.EqualFunc(c.Platforms, b.Platforms, v1.Platform.Equals) ||
		c.Revision.String() != b.Revision.String() {
		t.Errorf("the copy is %+v, want what it was", c)
	}
	return Job{To: to, Image: c, Tags: Tags{Fixed: []string{"v1"}}}
}

// copies are the ways from a repository to another: within a registry and between two.
func copies(t *testing.T, do func(t *testing.T, from, to *world, repository string)) {
	t.Run("within a registry", func(t *testing.T) {
		w := newWorld(t, localaws.Options{})
		do(t, w, w, "team/client")
	})
	t.Run("between registries", func(t *testing.T) {
		do(t, newWorld(t, localaws.Options{}), newWorld(t, localaws.Options{}), "team/app")
	})
}

func TestCopyTakesAllThatRefers(t *testing.T) {
	copies(t, func(t *testing.T, source, target *world, repository string) {
		from, to := source.dial(t, "team/app"), target.dial(t, repository)
		b := signed(t, from)
		job := copying(t, from, to, b)
		if lacking := job.Image.copied.lacking(); lacking != 6 || job.Image.Artifacts != 3 {
			t.Errorf("the plan is %d manifests, %d artifacts", lacking, job.Image.Artifacts)
		}
		target.wantTags(t, repository)
		job.DryRun = true
		results, err := Push(t.Context(), []Job{job})
		if err != nil || !results[0].New || !slices.Equal(results[0].Written, []string{"v1"}) {
			t.Errorf("a dry run says %+v, %v", results[0], err)
		}
		target.wantTags(t, repository)
		job.DryRun = false
		if results, err = Push(t.Context(), []Job{job}); err != nil {
			t.Fatal(err)
		}
		if !results[0].New || results[0].Bytes == 0 || results[0].Digest != b.Digest {
			t.Errorf("the result is %+v", results[0])
		}
		target.wantTags(t, repository, "v1")
		for digest := range job.Image.copied.manifests {
			want, err := from.referrers(t.Context(), digest)
			if err != nil {
				t.Fatal(err)
			}
			got, err := to.referrers(t.Context(), digest)
			if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("what refers to %s is %v, %v, want %v", digest, got, err, want)
			}
		}
		if n := target.whole(t, repository); n != 1 {
			t.Errorf("%d tags are whole, want 1", n)
		}

		again := copying(t, from, to, b)
		before := target.requests.Load()
		results, err = Push(t.Context(), []Job{again})
		want := Result{Reference: results[0].Reference, Digest: b.Digest, Unchanged: []string{"v1"}, Took: results[0].Took}
		if err != nil || !reflect.DeepEqual(results[0], want) {
			t.Errorf("once more, the result is %+v, %v, want %+v", results[0], err, want)
		}
		if asked := target.requests.Load() - before; asked != 1 { // where the tag points
			t.Errorf("once more, there were %d requests, want 1", asked)
		}
		refer(t, from, b.Digest, "a further signature")
		if lacking := copying(t, from, to, b).Image.copied.lacking(); lacking != 1 {
			t.Errorf("after a further signature, %d manifests are lacking, want 1", lacking)
		}
	})
}

// cosign 2 gives a signature a tag that names what it signs. It is copied with its tag, and another one that has the tag
// there is kept.
func TestCopyTakesNamedArtifacts(t *testing.T) {
	copies(t, func(t *testing.T, source, target *world, repository string) {
		from, to := source.dial(t, "team/app"), target.dial(t, repository)
		b := signed(t, from)
		tag := strings.Replace(b.Digest.String(), ":", "-", 1) + ".sig"
		sign := func(text string) {
			if _, err := Push(t.Context(), []Job{{To: from, Image: fake(t, text), Tags: Tags{Fixed: []string{tag}}}}); err != nil {
				t.Fatal(err)
			}
		}
		sign("signature")
		job := copying(t, from, to, b)
		if job.Image.Artifacts != 4 {
			t.Errorf("%d artifacts, want 4", job.Image.Artifacts)
		}
		if _, err := Push(t.Context(), []Job{job}); err != nil {
			t.Fatal(err)
		}
		target.wantTags(t, repository, "v1", tag)
		want, _, err := from.head(t.Context(), tag)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, err := to.head(t.Context(), tag); got != want || err != nil {
			t.Errorf("the signature is %s there, %v, want %s", got, err, want)
		}
		if lacking := copying(t, from, to, b).Image.copied.lacking(); lacking != 0 {
			t.Errorf("once more, %d are lacking", lacking)
		}
		sign("another signature")
		job = copying(t, from, to, b)
		if !slices.Equal(job.Image.Kept, []string{tag}) || job.Image.copied.lacking() != 0 {
			t.Errorf("of another signature, %q is kept and %d are lacking", job.Image.Kept, job.Image.copied.lacking())
		}
		refer(t, from, b.Digest, "what is new")
		if _, err := Push(t.Context(), []Job{copying(t, from, to, b)}); err != nil {
			t.Fatal(err)
		}
		if got, _, err := to.head(t.Context(), tag); got != want || err != nil {
			t.Errorf("the signature that was kept is %s, %v, want %s", got, err, want)
		}
	})
}

// A tag such as an artifact's that points at the image itself makes no artifact of it.
func TestCopyOfAnImageNamedAsItsOwnArtifact(t *testing.T) {
	source, target := newWorld(t, localaws.Options{}), newWorld(t, localaws.Options{})
	from, to := source.dial(t, "team/app"), target.dial(t, "team/app")
	b := fake(t, "program", amd64)
	tag := strings.Replace(b.Digest.String(), ":", "-", 1) + ".sbom"
	if _, err := Push(t.Context(), []Job{{To: from, Image: b, Tags: Tags{Fixed: []string{tag}}}}); err != nil {
		t.Fatal(err)
	}
	if job := copying(t, from, to, b); job.Image.Artifacts != 0 {
		t.Errorf("it has %d artifacts", job.Image.Artifacts)
	}
}

// Which side an error is of can be told.
func TestCopySaysWhoseFault(t *testing.T) {
	for _, side := range []string{"source", "target"} {
		faults := map[string]*localaws.Faults{"source": {}, "target": {}}
		source := newWorld(t, localaws.Options{Faults: faults["source"]})
		target := newWorld(t, localaws.Options{Faults: faults["target"]})
		from, to := source.dial(t, "team/app"), target.dial(t, "team/app")
		b := signed(t, from)
		if err := faults[side].Set(localaws.Fault{Service: "registry", Kind: localaws.Denied}); err != nil {
			t.Fatal(err)
		}
		_, err := Copy(t.Context(), "app", from, to, b.Digest.String())
		if !errors.Is(err, ErrDenied) || errors.Is(err, ErrSource) != (side == "source") {
			t.Errorf("the %s denies: %v", side, err)
		}
	}
}

// Where the account lets it, a registry that has both sides mounts, and no content is sent.
func TestCopyMounts(t *testing.T) {
	w := newWorld(t, localaws.Options{})
	_, err := w.ecr.PutAccountSetting(t.Context(),
		&awsecr.PutAccountSettingInput{Name: aws.String("BLOB_MOUNTING"), Value: aws.String("ENABLED")})
	if err != nil {
		t.Fatal(err)
	}
	from, to := w.dial(t, "team/app"), w.dial(t, "team/client")
	results, err := Push(t.Context(), []Job{copying(t, from, to, signed(t, from))})
	if err != nil || results[0].Bytes > 0 {
		t.Errorf("%d bytes were sent, %v, want none", results[0].Bytes, err)
	}
}

// A copy that was broken off leaves no tag, and the next one goes on.
func TestCopyIsBrokenOff(t *testing.T) {
	takesLong(t)
	for _, repository := range []string{"team/app", "team/client"} {
		faults := &localaws.Faults{}
		source, target := newWorld(t, localaws.Options{}), newWorld(t, localaws.Options{Faults: faults})
		from, to := source.dial(t, "team/app"), target.dial(t, repository)
		b := signed(t, from)
		for range 5 {
			job := copying(t, from, to, b)
			fault := localaws.Fault{Service: "registry", Kind: localaws.Denied, Operation: "PUT manifests", After: 1}
			if err := faults.Set(fault); err != nil {
				t.Fatal(err)
			}
			_, err := Push(t.Context(), []Job{job})
			if !errors.Is(err, ErrDenied) {
				t.Fatalf("%v, want a denial", err)
			}
			wantError(t, err, "not written: v1")
			if err := faults.Set(); err != nil {
				t.Fatal(err)
			}
			target.wantTags(t, repository)
		}
		last := copying(t, from, to, b)
		lacking := last.Image.copied.lacking()
		if _, err := Push(t.Context(), []Job{last}); err != nil || lacking > 2 {
			t.Errorf("the last run sends %d manifests, %v, want what was left", lacking, err)
		}
		target.wantTags(t, repository, "v1")
	}
}

// One image that cannot be copied keeps the tags of all from being written.
func TestCopiesTagAllOrNone(t *testing.T) {
	source, target := newWorld(t, localaws.Options{}), newWorld(t, localaws.Options{})
	from := source.dial(t, "team/app")
	b := signed(t, from)
	jobs := []Job{copying(t, from, target.dial(t, "team/app"), b), copying(t, from, target.dial(t, "team/client"), b)}
	name := "team/client"
	_, err := target.ecr.DeleteRepository(t.Context(), &awsecr.DeleteRepositoryInput{RepositoryName: &name})
	if err != nil {
		t.Fatal(err)
	}
	if results, err := Push(t.Context(), jobs); !errors.Is(err, ErrNoRepository) || results[0].Err == nil {
		t.Errorf("Push = %v, and the other %v", err, results[0].Err)
	}
	target.wantTags(t, "team/app")
}

func TestCopyAsksBefore(t *testing.T) {
	w := newWorld(t, localaws.Options{})
	from, to := w.dial(t, "team/app"), w.dial(t, "team/client")
	b, other := signed(t, from), fake(t, "other")
	if _, err := Push(t.Context(), []Job{{To: to, Image: other, Tags: Tags{Fixed: []string{"v1"}}}}); err != nil {
		t.Fatal(err)
	}
	w.let(t, types.ImageTagMutabilityImmutable)
	if _, err := Push(t.Context(), []Job{{To: from, Image: other}}); err != nil {
		t.Fatal(err)
	}
	copying(t, from, to, other) // of one platform
	job := copying(t, from, to, b)
	job.Movable = func(string) bool { return false }
	if _, err := Push(t.Context(), []Job{job}); !errors.Is(err, ErrTagImmutable) {
		t.Errorf("Push = %v, want the taken tag named", err)
	}
	if _, there, err := to.head(t.Context(), b.Digest.String()); there || err != nil {
		t.Errorf("the image is there: %t, %v", there, err)
	}
	_, err := Copy(t.Context(), "app", from, to, "sha256:"+strings.Repeat("0", 64))
	if !errors.Is(err, ErrNotThere) {
		t.Errorf("Copy = %v, want no image", err)
	}
}

// An image that is there takes so many artifacts as ECR does, and one more is refused before anything is sent.
func TestCopyCountsReferrers(t *testing.T) {
	takesLong(t)
	w := newWorld(t, localaws.Options{})
	from, to := w.dial(t, "team/app"), w.dial(t, "team/client")
	b := fake(t, "program", amd64)
	for _, side := range []*Destination{from, to} {
		if _, err := Push(t.Context(), []Job{{To: side, Image: b}}); err != nil {
			t.Fatal(err)
		}
	}
	for n := range mostReferrers - 1 {
		refer(t, to, b.Digest, fmt.Sprint("there ", n))
	}
	refer(t, from, b.Digest, "signature")
	copying(t, from, to, b)
	refer(t, from, b.Digest, "SBOM")
	_, err := Copy(t.Context(), "app", from, to, b.Digest.String())
	if err == nil || !strings.Contains(err.Error(), "99 artifacts refer to "+b.Digest.String()+" there, and 2 more") {
		t.Errorf("Copy = %v, want a refusal", err)
	}
}

// A copy meets the faults that a push meets, of either side.
func TestCopyMeetsFaults(t *testing.T) {
	takesLong(t)
	for _, d := range disturbances {
		for _, side := range []string{"source", "target"} {
			if d.fails {
				continue
			}
			t.Run(d.name+"/"+side, func(t *testing.T) {
				faults := map[string]*localaws.Faults{"source": {}, "target": {}}
				source := newWorld(t, localaws.Options{Faults: faults["source"]})
				target := newWorld(t, localaws.Options{Faults: faults["target"]})
				from, to := source.dial(t, "team/app"), target.dial(t, "team/app")
				b := signed(t, from)
				d.fault.Service = "registry"
				if err := faults[side].Set(d.fault); err != nil {
					t.Fatal(err)
				}
				if _, err := Push(t.Context(), []Job{copying(t, from, to, b)}); err != nil {
					t.Fatal(err)
				}
				if err := faults[side].Set(); err != nil {
					t.Fatal(err)
				}
				if n := target.whole(t, "team/app"); n != 1 {
					t.Errorf("%d tags are whole, want 1", n)
				}
			})
		}
	}
}

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pace
		began := time.Now()
		var at []time.Duration
		for range 25 {
			if err := p.wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			at = append(at, time.Since(began))
		}
		for i := range at[10:] {
			if at[i+10]-at[i] < time.Second {
				t.Errorf("more than ten within a second: %v", at)
			}
		}
		if at[9] != 0 || at[24] != 2*time.Second {
			t.Errorf("they begin at %v", at)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 10 {
			_ = p.wait(ctx)
		}
		if err := p.wait(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("after an interrupt it waits: %v", err)
		}
	})
}

func TestReferrersHavePages(t *testing.T) {
	subject := v1.Hash{Algorithm: "sha256", Hex: strings.Repeat("a", 64)}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		last := r.URL.Query().Get("last")
		if last != "2" {
			next := map[string]string{"": "1", "1": "2"}[last]
			w.Header().Set("Link", `<https://elsewhere.example.org`+r.URL.Path+`?last=`+next+`>; rel="next"`)
		}
		_, _ = fmt.Fprintf(w, `{"manifests": [{"digest": "sha256:%064s", "size": 1}]}`, last)
	}))
	t.Cleanup(srv.Close)
	to := Target{Registry: strings.TrimPrefix(srv.URL, "http://"), Repository: "team/app"}
	d, err := Dial(t.Context(), to, Options{})
	if err != nil {
		t.Fatal(err)
	}
	all, err := d.referrers(t.Context(), subject)
	if err != nil || len(all) != 3 {
		t.Errorf("referrers = %v, %v, want those of three pages", all, err)
	}
}
