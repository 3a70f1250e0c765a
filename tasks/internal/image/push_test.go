package image

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

var tags = Tags{Fixed: []string{"latest", "c0ffee"}, Stamp: "20260305-092030"}

func mustPush(t *testing.T, s *server, b Built, tags Tags, o sending) Result {
	t.Helper()
	r, err := pushOne(t.Context(), s.Target, b, tags, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// pulled checks that the registry holds the image whole. Faults are over by then.
func pulled(t *testing.T, s *server, b Built) {
	t.Helper()
	s.fail(nil)
	ref, err := name.NewDigest(s.Registry + "/" + s.Repository + "@" + b.Digest.String())
	if err != nil {
		t.Fatal(err)
	}
	found, err := remote.Get(ref)
	if err != nil {
		t.Fatal(err)
	}
	if b.Index == nil {
		img, err := found.Image()
		if err != nil {
			t.Fatal(err)
		}
		err = validate.Image(img)
		if err != nil {
			t.Error(err)
		}
		return
	}
	index, err := found.ImageIndex()
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(index); err != nil {
		t.Error(err)
	}
}

func TestPush(t *testing.T) {
	s, b := serve(t), fake(t, "program")
	last := map[v1.Hash]Progress{}
	r := mustPush(t, s, b, tags, sending{Progress: func(at Progress) {
		if at.Done < last[at.Blob].Done {
			t.Errorf("progress of %s falls from %d to %d", at.Blob, last[at.Blob].Done, at.Done)
		}
		last[at.Blob] = at
	}})

	blobs, err := b.blobs()
	if err != nil {
		t.Fatal(err)
	}
	var size int64
	for _, blob := range blobs {
		n, err := blob.Size()
		if err != nil {
			t.Fatal(err)
		}
		size += n
	}
	want := Result{
		Reference: s.Registry + "/team/app@" + b.Digest.String(), Digest: b.Digest, New: true,
		Written: []string{"20260305-092030", "c0ffee", "latest"}, Bytes: size,
	}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("Push = %+v, want %+v", r, want)
	}
	pulled(t, s, b)
	for _, tag := range want.Written {
		if at := s.points(t, tag); at != b.Digest {
			t.Errorf("tag %q points at %q, want %s", tag, at, b.Digest)
		}
	}
	for _, at := range last {
		if at.App != "app" || at.Done != at.Total {
			t.Errorf("progress ends with %+v", at)
		}
	}
	if len(last) != len(blobs) {
		t.Errorf("progress of %d blobs, want %d", len(last), len(blobs))
	}
}

func TestPushAgainWritesNothing(t *testing.T) {
	for _, platforms := range []string{"linux/amd64", "linux/amd64,linux/arm64"} {
		t.Run(platforms, func(t *testing.T) {
			ps, err := ParsePlatforms(platforms)
			if err != nil {
				t.Fatal(err)
			}
			s, b := serve(t), fake(t, "program", ps...)
			mustPush(t, s, b, tags, sending{})
			s.seen()

			later := tags
			later.Stamp = "20270101-000000"
			r := mustPush(t, s, b, later, sending{})
			want := Result{Reference: r.Reference, Digest: b.Digest, Unchanged: tags.Fixed}
			if !reflect.DeepEqual(r, want) {
				t.Errorf("second Push = %+v, want %+v", r, want)
			}
			requests := s.seen()
			slices.Sort(requests)
			wanted := []string{"GET /v2/", "GET /v2/", "HEAD manifests/c0ffee", "HEAD manifests/latest"}
			if !reflect.DeepEqual(requests, wanted) {
				t.Errorf("second Push asked %q, want %q", requests, wanted)
			}
		})
	}
}

func TestPushMovesOnlyWrongTags(t *testing.T) {
	s, first, second := serve(t), fake(t, "first"), fake(t, "second")
	mustPush(t, s, first, Tags{Fixed: []string{"stable", "latest"}}, sending{})
	mustPush(t, s, second, Tags{Fixed: []string{"latest"}}, sending{})
	if s.points(t, "stable") != first.Digest || s.points(t, "latest") != second.Digest {
		t.Error("latest did not move alone")
	}
	r := mustPush(t, s, first, Tags{Fixed: []string{"stable", "latest"}, Stamp: "s"}, sending{})
	if want := []string{"latest"}; r.New || !reflect.DeepEqual(r.Written, want) || !reflect.DeepEqual(r.Unchanged,
		[]string{"stable"}) {
		t.Errorf("Push back = %+v, want only %q written", r, want)
	}
}

func TestPushSendsOnlyWhatIsMissing(t *testing.T) {
	s, one := serve(t), fake(t, "same")
	mustPush(t, s, one, Tags{Fixed: []string{"one"}}, sending{})
	s.seen()
	// The same program for one more platform: its layer differs, the first one's is there.
	both := fake(t, "same", amd64, v1.Platform{OS: "linux", Architecture: "arm64"})
	mustPush(t, s, both, Tags{}, sending{})
	var posts, manifests int
	for _, r := range s.seen() {
		if strings.HasPrefix(r, "POST ") {
			posts++
		}
		if strings.HasPrefix(r, "PUT manifests/") {
			manifests++
		}
	}
	if posts != 2 || manifests != 2 {
		t.Errorf("Push sent %d blobs and %d manifests, want 2 and 2", posts, manifests)
	}
	pulled(t, s, both)
}

func TestPushDryRun(t *testing.T) {
	s, b := serve(t), fake(t, "program")
	r := mustPush(t, s, b, tags, sending{DryRun: true})
	if want := []string{"20260305-092030", "c0ffee", "latest"}; !r.New || !reflect.DeepEqual(r.Written, want) {
		t.Errorf("dry run = %+v, want a new image under %q", r, want)
	}
	for _, request := range s.seen() {
		if !strings.HasPrefix(request, "GET ") && !strings.HasPrefix(request, "HEAD ") {
			t.Errorf("dry run sent %s", request)
		}
	}
}

func TestPushAtOnce(t *testing.T) {
	s := serve(t)
	b := fake(t, strings.Repeat("program", 1000), amd64, v1.Platform{OS: "linux", Architecture: "arm64"})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := pushOne(t.Context(), s.Target, b, tags, sending{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	pulled(t, s, b)
	if s.points(t, "latest") != b.Digest {
		t.Error("latest does not point at the image")
	}
}

func TestPushRetries(t *testing.T) {
	for _, code := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		s, b := serve(t), fake(t, "program")
		var mu sync.Mutex
		failed := map[string]bool{}
		s.fault = func(w http.ResponseWriter, r *http.Request) bool { // each request fails once
			mu.Lock()
			defer mu.Unlock()
			if key := r.Method + r.URL.Path; !failed[key] && !strings.Contains(r.URL.Path, "uploads/") {
				failed[key] = true
				return refuse(w, code, "TOOMANYREQUESTS", "Rate exceeded")
			}
			return false
		}
		mustPush(t, s, b, tags, sending{})
		pulled(t, s, b)
	}
}

func TestPushWithoutDigestHeader(t *testing.T) {
	s, b := serve(t), fake(t, "program")
	mustPush(t, s, b, tags, sending{})
	s.fault = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodHead {
			return false
		}
		s.inner.ServeHTTP(headerless{w}, r)
		return true
	}
	if r := mustPush(t, s, b, tags, sending{}); r.New || len(r.Written) > 0 {
		t.Errorf("second Push = %+v, want nothing written", r)
	}
}

// headerless leaves away what some registries do.
type headerless struct{ http.ResponseWriter }

func (h headerless) WriteHeader(status int) {
	h.Header().Del("Docker-Content-Digest")
	h.ResponseWriter.WriteHeader(status)
}

func TestPushIsRefused(t *testing.T) {
	const secret = "s3cr3t-password"
	tests := []struct {
		name   string
		fault  func(w http.ResponseWriter, r *http.Request) bool
		kind   error
		says   []string
		hinted bool
	}{
		{"no such repository", func(w http.ResponseWriter, r *http.Request) bool {
			return r.Method == http.MethodPost && refuse(w, 404, "NAME_UNKNOWN", "The repository does not exist")
		}, ErrNoRepository, []string{`pushing "app" to "team/app"`, "not written: 20260305-092030, c0ffee, latest"}, false},
		{"an expired password", func(w http.ResponseWriter, r *http.Request) bool {
			return r.URL.Path != "/v2/" && refuse(w, 403, "DENIED",
				"Your authorization token has expired. Reauthenticate and try again.")
		}, ErrDenied, []string{"403 Forbidden", "token has expired"}, false},
		{"no password", func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("WWW-Authenticate", `Basic realm="ecr"`)
			return refuse(w, 401, "UNAUTHORIZED", "no basic auth credentials")
		}, ErrUnauthorized, []string{"401 Unauthorized", "no basic auth credentials"}, false},
		{"a proxy's page", func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPost {
				return false
			}
			http.Error(w, strings.Repeat("<html>", 1000), http.StatusTeapot)
			return true
		}, nil, []string{"418 I'm a teapot to POST /v2/team/app/blobs/uploads/"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, b := serve(t), fake(t, "program")
			s.fault = tt.fault
			s.Auth = &authn.Basic{Username: "AWS", Password: secret}
			_, err := pushOne(t.Context(), s.Target, b, tags, sending{})
			wantError(t, err, tt.says...)
			if tt.kind != nil && !errors.Is(err, tt.kind) {
				t.Errorf("error %q is not %q", err, tt.kind)
			}
			if strings.Contains(err.Error(), secret) || len(err.Error()) > 500 {
				t.Errorf("error %q says too much", err)
			}
			if got := strings.Contains(err.Error(), "\nhint: "); got != tt.hinted {
				t.Errorf("error %q has a hint: %t, want %t", err, got, tt.hinted)
			}
		})
	}
}

// immutableTags makes s refuse to write a tag that is there, as ECR does.
func immutableTags(s *server) {
	var mu sync.Mutex
	taken := map[string]bool{}
	s.fault = func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if r.Method != http.MethodPut || !strings.Contains(r.URL.Path, "/manifests/") || strings.Contains(r.URL.Path,
			"sha256:") {
			return false
		}
		if taken[r.URL.Path] {
			return refuse(w, 400, "TAG_INVALID",
				"The image tag already exists and cannot be overwritten because the repository is immutable")
		}
		taken[r.URL.Path] = true
		return false
	}
}

func TestPushToAnImmutableRepository(t *testing.T) {
	s, first, second := serve(t), fake(t, "first"), fake(t, "second")
	immutableTags(s)
	mustPush(t, s, first, Tags{Fixed: []string{"v1"}}, sending{})
	mustPush(t, s, first, Tags{Fixed: []string{"v1"}}, sending{})

	r, err := pushOne(t.Context(), s.Target, second, Tags{Fixed: []string{"v1"}, Stamp: "20260101-000000"}, sending{})
	if !errors.Is(err, ErrTagImmutable) {
		t.Fatalf("Push over a taken tag = %v, want %v", err, ErrTagImmutable)
	}
	wantError(t, err, `tag "v1" of "team/app" points at `+first.Digest.String(), "not written: v1")
	if want := []string{"20260101-000000"}; !reflect.DeepEqual(r.Written, want) || s.points(t, "v1") != first.Digest {
		t.Errorf("Push over a taken tag wrote %q, want %q", r.Written, want)
	}
}

// Where it is known that no tag moves, a tag that is taken is found before anything is sent.
func TestPushSendsNothingUnderATakenTag(t *testing.T) {
	s, first, second := serve(t), fake(t, "first"), fake(t, "second")
	mustPush(t, s, first, Tags{Fixed: []string{"v1"}}, sending{})
	d, err := Dial(t.Context(), s.Target, Options{})
	if err != nil {
		t.Fatal(err)
	}
	job := Job{
		To: d, Image: second, Tags: Tags{Fixed: []string{"v1", "v2"}, Stamp: "20260101-000000"},
		Movable: func(string) bool { return false },
	}
	results, err := Push(t.Context(), []Job{job})
	if !errors.Is(err, ErrTagImmutable) {
		t.Fatalf("Push over a taken tag = %v, want %v", err, ErrTagImmutable)
	}
	wantError(t, err, `"v1" is taken by `+first.Digest.String())
	if r := results[0]; len(r.Written) > 0 || r.Bytes > 0 || s.points(t, "v1") != first.Digest {
		t.Errorf("it wrote %q and sent %d bytes, want nothing", r.Written, r.Bytes)
	}
}

// Two pushes of one image: the other writes the tag between this one's look and its own writing.
func TestPushLosesARaceForAnImmutableTag(t *testing.T) {
	s, b := serve(t), fake(t, "program")
	immutableTags(s)
	mustPush(t, s, b, Tags{Fixed: []string{"v1"}}, sending{})
	var once sync.Once
	inner := s.fault
	s.fault = func(w http.ResponseWriter, r *http.Request) (answered bool) {
		if strings.HasSuffix(r.URL.Path, "/manifests/v1") && r.Method == http.MethodHead {
			once.Do(func() { answered = true; w.WriteHeader(http.StatusNotFound) })
		}
		return answered || inner(w, r)
	}
	r := mustPush(t, s, b, Tags{Fixed: []string{"v1"}}, sending{})
	if len(r.Written) > 0 || !reflect.DeepEqual(r.Unchanged, []string{"v1"}) {
		t.Errorf("Push = %+v, want v1 unchanged", r)
	}
}

func TestPushStops(t *testing.T) {
	s := serve(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.fault = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPatch {
			cancel()
			panic(http.ErrAbortHandler)
		}
		return false
	}
	_, err := pushOne(ctx, s.Target, fake(t, strings.Repeat("program", 100000)), tags,
		sending{Progress: func(Progress) {}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Push after an interrupt = %v, want %v", err, context.Canceled)
	}
	s.fail(nil)
	if at := s.points(t, "latest"); at != (v1.Hash{}) {
		t.Errorf("an interrupted Push left latest at %s", at)
	}
}

func TestPushChecksItsArguments(t *testing.T) {
	b := fake(t, "program")
	_, err := pushOne(t.Context(), serve(t).Target, b, Tags{Fixed: []string{"a b", "-c"}}, sending{})
	wantError(t, err, `"a b"`, `"-c"`)
	for _, target := range []Target{
		{Registry: "noport", Repository: "a/b"},
		{Registry: "https://example.com", Repository: "a/b"},
		{Registry: "example.com", Repository: "A/B"},
		{Registry: "example.com/x", Repository: "b"},
		{Repository: "a/b"},
	} {
		_, err := pushOne(t.Context(), target, b, tags, sending{})
		wantError(t, err, "reading repository", target.Repository)
	}
}

func TestPushToNobody(t *testing.T) {
	_, err := pushOne(t.Context(), Target{Registry: "127.0.0.1:1", Repository: "a/b"}, fake(t, "program"), tags, sending{})
	wantError(t, err, `reaching registry "127.0.0.1:1"`, "connection refused")
}

func TestDecide(t *testing.T) {
	b, other := fake(t, "a").Digest, fake(t, "b").Digest
	tests := []struct {
		name             string
		isNew            bool
		at               map[string]v1.Hash
		tags             Tags
		write, unchanged []string
	}{
		{"everything new", true, nil, Tags{Fixed: []string{"latest", "c"}, Stamp: "s"}, []string{"s", "c", "latest"}, nil},
		{"known digest: no stamp", false, nil, Tags{Fixed: []string{"c"}, Stamp: "s"}, []string{"c"}, nil},
		{
			"one tag right, one elsewhere", false,
			map[string]v1.Hash{"c": b, "latest": other},
			Tags{Fixed: []string{"c", "latest"}},
			[]string{"latest"},
			[]string{"c"},
		},
		{"no tags", true, nil, Tags{}, nil, nil},
	}
	for _, tt := range tests {
		write, unchanged := decide(b, tt.isNew, tt.at, tt.tags)
		if !reflect.DeepEqual(write, tt.write) || !reflect.DeepEqual(unchanged, tt.unchanged) {
			t.Errorf("%s: decide = %q, %q, want %q, %q", tt.name, write, unchanged, tt.write, tt.unchanged)
		}
	}
}
