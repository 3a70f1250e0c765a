package localaws_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"envoy-proxy-poc/tasks/localaws"
)

// TestNode runs testdata/node/ecr.js: AWS's SDK for JavaScript, at the version of package-lock.json.
func TestNode(t *testing.T) {
	takesLong(t)
	t.Parallel()
	node, npm := need(t, "node", "nodejs"), need(t, "npm", "npm")
	c := newClient(t, localaws.Options{})
	c.set("AWS_ENDPOINT_URL", c.l.url)
	for _, name := range []string{"ecr.js", "package.json", "package-lock.json"} {
		text, err := os.ReadFile(filepath.Join("testdata", "node", name))
		wantOK(t, err)
		c.file(name, string(text))
	}
	cmd := exec.CommandContext(t.Context(), npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts") // with the user's own settings
	cmd.Dir = c.home
	if out, err := cmd.CombinedOutput(); err != nil {
		lack(t, "this test installs the SDK from the npm registry: %v\n%s", err, out)
	}
	wantText(t, "what the script says", c.run("", node, "ecr.js"), "ok")
}
