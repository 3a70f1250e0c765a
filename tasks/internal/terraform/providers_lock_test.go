package terraform

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestDropped(t *testing.T) {
	before := []byte(`hashes = ["h1:a=", "h1:b=", "zh:1", ]`)
	if got := dropped(before, []byte(`["h1:b=", "zh:1", "h1:c=", "h1:a="]`)); len(got) > 0 {
		t.Errorf("dropped %q of a file that grew", got)
	}
	if got := dropped(before, []byte(`["h1:b="]`)); !slices.Equal(got, []string{`"h1:a="`, `"zh:1"`}) {
		t.Errorf("dropped %q, want two", got)
	}
}

func TestCheckLockFile(t *testing.T) {
	const good = "provider \"registry.terraform.io/hashicorp/aws\" {\n  version = \"6.0.0\"\n}\n"
	dir := t.TempDir()
	if err := CheckLockFile(dir); err != nil {
		t.Errorf("without the file: %v", err)
	}
	for text, want := range map[string]string{
		"":   "",
		good: "",
		"# a\n<<<<<<< HEAD\n" + good + "=======\n>>>>>>> theirs\n": ":2: git's merge markers are in it",
		good + "=======\n":  ":4: git's merge markers",
		good + "provider {": ":4,10-11: ",
		"\n{\n":             ":2,1-2: ",
	} {
		if err := os.WriteFile(LockFile(dir), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := CheckLockFile(dir)
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), LockFile(dir)+want) {
			t.Errorf("of %q: %v, want %q", text, err, want)
		}
	}
}
