package image

import (
	"slices"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// An image says the same of itself before its push and in the registry, alone and in an index.
func TestOrigin(t *testing.T) {
	s := serve(t)
	for name, b := range map[string]Built{
		"an image": fake(t, "program"),
		"an index": fake(t, "program", amd64, v1.Platform{OS: "linux", Architecture: "arm", Variant: "v7"}),
	} {
		mustPush(t, s, b, Tags{Fixed: []string{"v1"}}, sending{})
		d, err := Dial(t.Context(), s.Target, Options{})
		if err != nil {
			t.Fatal(err)
		}
		here, err := b.Origin()
		if err != nil {
			t.Fatal(err)
		}
		there, err := d.Origin(t.Context(), b.Digest.String())
		if err != nil || !slices.Equal(here.Platforms, there.Platforms) || here.Revision != there.Revision ||
			here.created != there.created {
			t.Errorf("%s says %+v here, and %+v there: %v", name, here, there, err)
		}
		if len(here.Platforms) != len(b.Platforms) || here.Platforms[0] != "linux/amd64" ||
			here.Revision != revision.Commit || here.created != "2026-03-04T05:06:07Z" {
			t.Errorf("%s says %+v", name, here)
		}
	}
}

func TestDoubts(t *testing.T) {
	env := alone(t)
	dir, _ := committed(t, env)
	first := gitDo(t, dir, env, "rev-parse", "HEAD")
	gitDo(t, dir, env, "commit", "-q", "--allow-empty", "-m", "second")
	second := gitDo(t, dir, env, "rev-parse", "HEAD")
	gitDo(t, dir, env, "checkout", "-q", first)
	gitDo(t, dir, env, "commit", "-q", "--allow-empty", "-m", "beside")
	beside := gitDo(t, dir, env, "rev-parse", "HEAD")
	elsewhere := revision.Commit
	both, one := []string{"linux/amd64", "linux/arm64"}, []string{"linux/arm64"}
	for name, test := range map[string]struct {
		from, to Origin
		want     []string
	}{
		"nothing is known":             {Origin{}, Origin{}, nil},
		"of the image before":          {Origin{}, Origin{second, both, "2026"}, nil},
		"of the image after":           {Origin{second, both, "2026"}, Origin{}, nil},
		"forwards":                     {Origin{first, both, "2026"}, Origin{second, both, "2025"}, nil},
		"backwards":                    {Origin{second, nil, "2025"}, Origin{first, nil, "2026"}, []string{"is of an older commit"}},
		"beside":                       {Origin{second, nil, "2026"}, Origin{beside, nil, "2025"}, nil},
		"the same":                     {Origin{first, nil, "2026"}, Origin{first, nil, "2026"}, nil},
		"dirty":                        {Origin{first, nil, ""}, Origin{first + "-dirty", nil, ""}, []string{"is -dirty"}},
		"git does not know one, later": {Origin{first, nil, "2025"}, Origin{elsewhere, nil, "2026"}, nil},
		"git does not know one, earlier": {
			Origin{elsewhere, nil, "2026"},
			Origin{first, nil, "2025"},
			[]string{"is of an older commit"},
		},
		"an option of git": {Origin{"--all", nil, "2025"}, Origin{"--octopus", nil, "2026"}, nil},
		"a platform less":  {Origin{"", both, ""}, Origin{"", one, ""}, []string{"lacks linux/amd64"}},
		"a platform more":  {Origin{"", one, ""}, Origin{"", both, ""}, nil},
	} {
		if got := test.to.Doubts(t.Context(), test.from, dir, env); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
