package image

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
)

func TestDockerfilePorts(t *testing.T) {
	root := t.TempDir()
	if ports, err := dockerfilePorts(root, "app"); err != nil || ports != nil {
		t.Errorf("without a Dockerfile: %v, %v, want none", ports, err)
	}
	for text, want := range map[string]portSet{
		"FROM scratch\nEXPOSE 8080 8081/tcp\nUSER 1\nexpose 9\n": {"8080/tcp": {}, "8081/tcp": {}, "9/tcp": {}},
		"FROM scratch\n": nil,
	} {
		writeDockerfile(t, root, text)
		if ports, err := dockerfilePorts(root, "app"); err != nil || !maps.Equal(ports, want) {
			t.Errorf("of %q: %v, %v, want %v", text, ports, err, want)
		}
	}
	writeDockerfile(t, root, "EXPOSE $PORT\n")
	if _, err := dockerfilePorts(root, "app"); err == nil {
		t.Error("of a port that is no number: want an error")
	}
}

func writeDockerfile(t *testing.T, root, text string) {
	t.Helper()
	file := filepath.Join(root, "apps", "app", "Dockerfile")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
