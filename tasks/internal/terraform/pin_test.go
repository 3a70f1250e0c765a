package terraform

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/go-version"
)

func TestPinned(t *testing.T) {
	pinned, err := Pinned("../../../.terraform-version")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := version.NewSemver(pinned); err != nil {
		t.Errorf("this project's is %q: %v", pinned, err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"two": "1.11.4\n1.12.0\n", "none": " \n"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if v, err := Pinned(path); err == nil || !strings.Contains(err.Error(), "one version") {
			t.Errorf("%s: Pinned = %q, %v, want an error", name, v, err)
		}
	}
	if _, err := Pinned(filepath.Join(dir, "absent")); err == nil {
		t.Error("no file, and no error")
	}
}
