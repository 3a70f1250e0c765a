package image

import (
	"reflect"
	"strings"
	"testing"
)

func TestChooseTags(t *testing.T) {
	dirty := revision
	dirty.Dirty = true
	tests := []struct {
		name     string
		rev      Revision
		explicit []string
		want     Tags
	}{
		{"a commit", revision, nil, Tags{[]string{revision.Commit, "latest"}, "20260305-092030", revision.Commit}},
		{"a dirty tree", dirty, nil, Tags{[]string{dirty.String(), "latest"}, "20260305-092030", dirty.String()}},
		{"no commit", Revision{Reason: "none"}, nil, Tags{Fixed: []string{"latest"}, Stamp: "20260305-092030"}},
		{"the user's own", revision, []string{"v1", "v1", "v2"}, Tags{Fixed: []string{"v1", "v2"}}},
	}
	for _, tt := range tests {
		if got := ChooseTags(tt.rev, now, tt.explicit, func(string) bool { return true }); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: ChooseTags = %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestChooseTagsThatCannotMove(t *testing.T) {
	got := ChooseTags(revision, now, nil, func(tag string) bool { return tag != "latest" })
	if want := []string{revision.Commit}; !reflect.DeepEqual(got.Fixed, want) {
		t.Errorf("ChooseTags where latest cannot move = %q, want %q", got.Fixed, want)
	}
	if got := ChooseTags(revision, now, []string{"latest"},
		func(string) bool { return false }); !reflect.DeepEqual(got.Fixed, []string{"latest"}) {
		t.Errorf("ChooseTags = %q: what was asked for is never left out", got.Fixed)
	}
}

func TestMovable(t *testing.T) {
	filters := []string{"latest", "dev-*"}
	for _, tt := range []struct {
		tag, mutability string
		want            bool
	}{
		{"v1", "MUTABLE", true},
		{"v1", "IMMUTABLE", false},
		{"latest", "IMMUTABLE", false},
		{"v1", "", true},
		{"latest", "IMMUTABLE_WITH_EXCLUSION", true},
		{"dev-1.2", "IMMUTABLE_WITH_EXCLUSION", true},
		{"v1", "IMMUTABLE_WITH_EXCLUSION", false},
		{"latest", "MUTABLE_WITH_EXCLUSION", false},
		{"v1", "MUTABLE_WITH_EXCLUSION", true},
	} {
		if got := Movable(tt.tag, tt.mutability, filters); got != tt.want {
			t.Errorf("Movable(%s, %s) = %t, want %t", tt.tag, tt.mutability, got, tt.want)
		}
	}
}

func TestParseTags(t *testing.T) {
	long := strings.Repeat("x", 128)
	tests := map[string][]string{
		"":                 nil,
		"a":                {"a"},
		"v1.2, V_3-x,v1.2": {"v1.2", "V_3-x"},
		"_x," + long:       {"_x", long},
	}
	for in, want := range tests {
		if got, err := ParseTags(in); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("ParseTags(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
	_, err := ParseTags("ok,,-x,.y,a/b,ä," + long + "y")
	wantError(t, err, "a tag is empty", `"-x"`, `".y"`, `"a/b"`, `"ä"`, "129 characters")
}

func TestVersion(t *testing.T) {
	dirty := revision
	dirty.Dirty = true
	for want, rev := range map[string]Revision{"dev": {}, "0123456789ab": revision, "0123456789ab-dirty": dirty} {
		if got := rev.Version(); got != want {
			t.Errorf("Version of %q = %q, want %q", rev, got, want)
		}
	}
}
