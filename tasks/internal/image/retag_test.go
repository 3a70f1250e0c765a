package image

import (
	"errors"
	"net/http"
	"reflect"
	"slices"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

func TestRetag(t *testing.T) {
	s := serve(t)
	b := fake(t, "program", amd64, v1.Platform{OS: "linux", Architecture: "arm64"})
	mustPush(t, s, b, Tags{Fixed: []string{"v1"}}, sending{})
	for from, to := range map[string]string{"v1": "prod", b.Digest.String(): "stage"} {
		s.seen()
		r, err := retagOne(t.Context(), s.Target, from, to)
		want := Result{Reference: s.Registry + "/team/app@" + b.Digest.String(), Digest: b.Digest, Written: []string{to}}
		if err != nil || !reflect.DeepEqual(r, want) {
			t.Errorf("Retag(%s) = %+v, %v, want %+v", from, r, err, want)
		}
		wanted := []string{"GET /v2/", "GET /v2/", "GET manifests/" + from, "HEAD manifests/" + to, "PUT manifests/" + to}
		if requests := s.seen(); !slices.Equal(requests, wanted) {
			t.Errorf("Retag(%s) asked %q, want %q", from, requests, wanted)
		}
		if at := s.points(t, to); at != b.Digest {
			t.Errorf("tag %q points at %q, want %s", to, at, b.Digest)
		}
	}

	s.seen()
	r, err := retagOne(t.Context(), s.Target, "v1", "prod")
	if err != nil || len(r.Written) > 0 || !reflect.DeepEqual(r.Unchanged, []string{"prod"}) || len(s.seen()) != 4 {
		t.Errorf("second Retag = %+v, %v, want prod unchanged", r, err)
	}
}

func TestCheckSelector(t *testing.T) {
	for named, good := range map[string]bool{
		"v1.4.0": true, "35e2": true, "sha256:35e2": true, "sha256:": false, "app@35e2": false, "a b": false, "": false,
		"sha256:35E2": false, "-x": false,
	} {
		if err := CheckSelector(named); (err == nil) != good {
			t.Errorf("CheckSelector(%q) = %v", named, err)
		}
	}
}

func TestRetagIsRefused(t *testing.T) {
	s := serve(t)
	mustPush(t, s, fake(t, "program"), Tags{Fixed: []string{"v1"}}, sending{})
	_, err := retagOne(t.Context(), s.Target, "v2", "prod")
	wantError(t, err, `tagging "v2" of "team/app" as "prod"`, "no such image")
	if !errors.Is(err, ErrNotThere) {
		t.Errorf("Retag of nothing = %v, want %v", err, ErrNotThere)
	}
	_, err = retagOne(t.Context(), s.Target, "-v1", "a/b")
	wantError(t, err, `"-v1"`, `"a/b"`)

	s.Repository = "team/other"
	if _, err = retagOne(t.Context(), s.Target, "v1", "prod"); !errors.Is(err, ErrNoRepository) {
		t.Errorf("Retag in a missing repository = %v, want %v", err, ErrNoRepository)
	}

	s.Repository = "team/app"
	s.fault = func(w http.ResponseWriter, r *http.Request) bool {
		return r.Method == http.MethodPut && refuse(w, 403, "DENIED", "User is not authorized to perform ecr:PutImage")
	}
	if _, err = retagOne(t.Context(), s.Target, "v1", "prod"); !errors.Is(err, ErrDenied) {
		t.Errorf("Retag without the right = %v, want %v", err, ErrDenied)
	}
}
