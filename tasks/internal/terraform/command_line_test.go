package terraform

import (
	"slices"
	"testing"
)

func TestParseCommandLine(t *testing.T) {
	for _, c := range []struct {
		text            string
		destroys, saved bool
	}{
		{"/usr/bin/terraform\ndestroy\n", true, false},
		{"terraform\n-chdir=a b/destroy\ndestroy\n-target=x\n-var\nregion=eu-west-1\n", true, false},
		{"terraform\ndestroy\n-flag-of-tomorrow\n", true, false},
		{"terraform\napply\n-destroy\n", true, false},
		{"terraform\napply\n-auto-approve\n-var\nregion=x\n--destroy=true\n", true, false},
		{"terraform\n-chdir=destroy\napply\n", false, false},
		{"terraform\napply\n-auto-approve\n", false, false},
		{"terraform\napply\n-destroy=false\n", false, false},
		{"terraform\napply\n-destroy\n-destroy=false\n", false, false},
		{"terraform\napply\n-var\n-destroy\n", false, false},
		{"terraform\napply\n-var\nx= -destroy\n", false, false},
		{"terraform\napply\n-flag-of-tomorrow\n-destroy\n", false, false},
		{"terraform\napply\ndestroy\n", false, true},
		{"terraform\napply\n-destroy\nplan.out\n", false, true}, // terraform applies the file, whatever is in it
		{"terraform\napply\n--\n-destroy\n", false, true},
		{"terraform\ntest\n", false, false},
		{"terraform\n", false, false},
		{"", false, false},

		{"/usr/local/bin/terraform destroy -auto-approve", true, false},
		{"terraform -chdir=x destroy", true, false},
		{"terraform apply -destroy -auto-approve", true, false},
		{"terraform -chdir=my destroy apply", false, false},
		{"terraform apply -var x= -destroy", false, false},
		{"/a folder/terraform destroy", false, false},
		{"terraform apply plan.out", false, true},
		{"terraform -chdir=x", false, false},
	} {
		got := ParseCommandLine(c.text)
		if got.Destroys != c.destroys || got.Saved != c.saved {
			t.Errorf("ParseCommandLine(%q) = %+v, want Destroys %v, Saved %v", c.text, got, c.destroys, c.saved)
		}
	}
}

func TestParseCommandLineTells(t *testing.T) {
	got := ParseCommandLine("/usr/bin/terraform\ndestroy\n-var\nprofile=me\n-var=region=x")
	if want := []string{"terraform", "destroy", "-var", "profile=me", "-var=region=x"}; !slices.Equal(got.Words, want) {
		t.Errorf("Words = %q, want %q", got.Words, want)
	}
	if got.Vars["profile"] != "me" {
		t.Errorf("Profile = %v, want me", got.Vars["profile"])
	}
	if got := ParseCommandLine("terraform\ndestroy"); len(got.Vars) != 0 {
		t.Errorf("Vars = %q, want none", got.Vars)
	}
	if got := ParseCommandLine(""); got.Words != nil {
		t.Errorf("of nothing: Words = %q, want none", got.Words)
	}
}
