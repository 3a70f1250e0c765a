package browser_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestServe looks at the page of mage serve, which shows what is there at each visit.
func TestServe(t *testing.T) {
	dir := copyProject(t)
	address := serve(t, dir)
	mage(t, dir, "local", "deploy", "push:app", "-platform=linux/amd64", "-sbom", "-tag=v1.0.0", "ecr:scan", "-repo=app")
	for _, l := range []look{{width: 360}, {width: 1280, dark: true}, {width: 1280, noScript: true}} {
		t.Run(l.String(), func(t *testing.T) {
			p := open(t, address, l)
			p.fits()
			p.want("the page shows what was found", `document.querySelector("#findings").innerText.includes("CVE-2026-1")`)
			p.want("the page shows who holds the lock", `document.querySelector("header").innerText.includes("not locked")`)
			p.openAll()
			p.want("an image has its parts", `document.querySelector("details").innerText.includes("SBOM")`)
			p.fits()
			p.accessible()
		})
	}
	p := open(t, address, look{width: 1280})
	const has = `document.querySelector("#overview").innerText.includes("v2.0.0")`
	p.want("the tag is not there yet", "!"+has)
	mage(t, dir, "local", "tag:app", "v1.0.0", "v2.0.0")
	p.do(chromedp.Reload())
	p.want("the next visit shows the new tag", has)
}

// findings are what the local AWS finds in every image.
const findings = `{"cfndev-envoy-proxy-poc-app": {"*": {"takes": "1ms", "findings": [
	{"name": "CVE-2026-1", "severity": "CRITICAL", "package": "openssl", "version": "3.0.1"}]}}}`

// copyProject copies what git knows of the project, and compiles the menu as dist/mage.
func copyProject(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	const script = `set -e
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$1"
cd "$1" && git init -q && git add . && git -c user.name=n -c user.email=n@example.com commit -qm copy
GOFLAGS=-trimpath go tool mage -compile dist/mage`
	cmd := exec.CommandContext(t.Context(), "sh", "-c", script, "sh", dir)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("copying the project: %v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(dir, "dist", "findings.json"), []byte(findings), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// serve runs mage serve until the test ends, and returns the address that it says to open in a browser.
func serve(t *testing.T, dir string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "dist/mage", "serve", "-findings=dist/findings.json")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "LOCAL_AWS_PORT=0")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	stderr, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() })
	var said []string
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		said = append(said, lines.Text())
		if _, address, found := strings.Cut(lines.Text(), "open in a browser: "); found {
			go func() { _, _ = io.Copy(io.Discard, stderr) }()
			return address
		}
	}
	t.Fatalf("mage serve says no address:\n%s", strings.Join(said, "\n"))
	return ""
}

func mage(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "dist/mage", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CI=true")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("mage %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
