package image

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestBestBuilder(t *testing.T) {
	docker := func(client string) string {
		return `{"Client":{"Version":"` + client + `"},"Server":{"Components":[{"Name":"Engine"}]}}`
	}
	podman := `{"Client":{"Version":"20.10.24"},"Server":{"Components":[{"Name":"Podman Engine"},{"Name":"Engine"}]}}`
	tests := []struct {
		said, driver string
		want         builder
	}{
		{docker("20.10.24+dfsg1"), "", buildKit},
		{docker("22.06.0-beta.0"), "", buildKit},
		{docker("23.0.0"), "", classic},
		{docker("28.2.2"), "", classic},
		{docker("28.2.2"), "docker", buildx},
		{docker("20.10.24"), "docker", buildx},
		{docker("library-import"), "", classic},
		{podman, "", classic},
		{podman, "docker", classic},
	}
	for _, test := range tests {
		var v versions
		if err := json.Unmarshal([]byte(test.said), &v); err != nil {
			t.Fatal(err)
		}
		if got := v.builder(test.driver); got != test.want {
			t.Errorf("builder of %s with driver %q = %s, want %s", test.said, test.driver, got, test.want)
		}
	}
}

func TestParseDriver(t *testing.T) {
	for said, want := range map[string]string{
		"Name:   default\nDriver: docker\n\nNodes:\nName: default\n":        "docker",
		"Name:          fleet\nDriver:        remote\nLast Activity: now\n": "remote",
		"Name:   default\nDriver: \nError:  Cannot connect\n":               "",
		"": "",
	} {
		if got := parseDriver(said); got != want {
			t.Errorf("parseDriver(%q) = %q, want %q", said, got, want)
		}
	}
}

// TestDockers wants each docker once, in the order of the PATH.
func TestDockers(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"new", "old", "not"} {
		mode := os.FileMode(0o700)
		if name == "not" {
			mode = 0o600
		}
		write(t, dir, map[string]string{name + "/docker": "#!/bin/sh\n"})
		if err := os.Chmod(filepath.Join(dir, name, "docker"), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "old"), filepath.Join(dir, "again")); err != nil {
		t.Fatal(err)
	}
	path := ""
	for _, name := range []string{"nowhere", "new", "old", "again", "not"} {
		path += filepath.Join(dir, name) + string(filepath.ListSeparator)
	}
	want := []string{filepath.Join(dir, "new", "docker"), filepath.Join(dir, "old", "docker")}
	if got := dockers([]string{"PATH=" + path}); !slices.Equal(got, want) {
		t.Errorf("dockers = %q, want %q", got, want)
	}
}

func TestAddress(t *testing.T) {
	for _, test := range []struct {
		env  []string
		want string
	}{
		{nil, "the current docker context"},
		{[]string{"DOCKER_CONTEXT=farm"}, "DOCKER_CONTEXT=farm"},
		{[]string{"DOCKER_CONTEXT=farm", "DOCKER_HOST=ssh://me@host"}, "DOCKER_HOST=ssh://me@host"},
		{[]string{"DOCKER_HOST=tcp://me:secret@host:2376"}, "DOCKER_HOST=tcp://me:xxxxx@host:2376"},
	} {
		if got := address(test.env); got != test.want {
			t.Errorf("address(%q) = %q, want %q", test.env, got, test.want)
		}
	}
}
