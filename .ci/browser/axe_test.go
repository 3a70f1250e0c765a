package browser_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// axe is axe-core, at the version and with the sum of package-lock.json. It is installed outside of the tree.
var axe = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "axe")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	for _, name := range []string{"package.json", "package-lock.json"} {
		text, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return "", err
		}
	}
	cmd := exec.Command("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", err
	}
	text, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	return string(text), err
})

// axeScript is empty where axe-core cannot be installed. In CI that is a fault.
func axeScript(t *testing.T) string {
	t.Helper()
	script, err := axe()
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("installing axe-core from the npm registry: %v", err)
	}
	if err != nil {
		t.Logf("skipped: axe-core from the npm registry: %v", err)
	}
	return script
}

// accessible fails for each rule of axe-core that the page violates, and says where.
func (p *tab) accessible() {
	p.t.Helper()
	script := axeScript(p.t)
	if script == "" {
		return
	}
	// axe-core needs scripts. The page's own is not run any more when they are allowed again.
	_, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{})
	p.need(err)
	ask[any](p, script+"; null")
	found := ask[[]string](p, `axe.run({resultTypes: ["violations"]}).then(result => result.violations.flatMap(rule =>
		rule.nodes.map(node => rule.impact + " " + rule.id + ": " + node.html + "\n" + node.failureSummary)))`)
	if len(found) > 0 {
		p.t.Errorf("axe-core finds %d violations:\n%s", len(found), strings.Join(found, "\n"))
	}
}

// TestAxeFinds: a page with a fault does not pass.
func TestAxeFinds(t *testing.T) {
	script := axeScript(t)
	if script == "" {
		t.Skip("without axe-core there is nothing to test")
	}
	p := open(t, "data:text/html,<title>A</title><h1>A</h1><img src='data:,'>", look{width: 1280})
	ask[any](p, script+"; null")
	p.want("an image without a text is found",
		`axe.run().then(result => result.violations.some(one => one.id === "image-alt"))`)
}
