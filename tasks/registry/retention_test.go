package registry

import (
	"errors"
	"strings"
	"testing"

	"github.com/magefile/mage/mg"

	"envoy-proxy-poc/tasks/internal/ecr"
)

func TestRetentionVerdict(t *testing.T) {
	used := ecr.Leaving{
		Image: ecr.Image{Digest: "sha256:" + strings.Repeat("a", 64)},
		InUse: "sha256:" + strings.Repeat("b", 64),
	}
	for _, c := range []struct {
		name       string
		repository ecr.Retention
		code       int
		says       string
	}{
		{"nothing goes", ecr.Retention{Exists: true}, 0, ""},
		{"the newest goes", ecr.Retention{Exists: true, Images: []ecr.Leaving{{Newest: true}}}, 0, ""},
		{"an image in use goes", ecr.Retention{Exists: true, Images: []ecr.Leaving{used}}, 3, ", by sha256:bbbbbbbbbbbb"},
		{"no repository", ecr.Retention{}, 1, "missing"},
	} {
		var missing error
		if !c.repository.Exists {
			missing = errors.New("missing")
		}
		err := retentionReport{Repositories: []ecr.Retention{c.repository}}.verdict(missing)
		if code := mg.ExitStatus(err); code != c.code {
			t.Errorf("%s: exit code %d, want %d: %v", c.name, code, c.code, err)
		}
		if err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q in it", c.name, err, c.says)
		}
	}
}
