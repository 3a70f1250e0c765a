package image

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDockerfiles wants the Dockerfiles to differ only in what their apps differ in, and to ask for the Go of go.mod.
func TestDockerfiles(t *testing.T) {
	server, client := readRoot(t, "apps/app/Dockerfile"), readRoot(t, "apps/client/Dockerfile")
	server = strings.NewReplacer(
		"image of the server", "image of the client", "apps/app", "apps/client", "-t app", "-t client",
		"/out/app", "/out/client", "/app\n", "/client\n", `["/app"]`, `["/client"]`, "EXPOSE 8080 8081", "EXPOSE 8081",
	).Replace(server)
	if server != client {
		t.Errorf("the Dockerfile of the server, with the client's names, is\n%s\nand that of the client is\n%s", server,
			client)
	}
	release := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(readRoot(t, "go.mod"))
	if line := "\nARG GO_IMAGE=golang:" + release[1] + "\n"; !strings.Contains(client, line) {
		t.Errorf("the Dockerfiles do not say %q, as go.mod does", line)
	}
}

func readRoot(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
