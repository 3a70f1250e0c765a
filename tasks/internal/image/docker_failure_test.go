package image

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

func TestBuildDockerWithoutADockerfile(t *testing.T) {
	s := source(write(t, t.TempDir(), program))
	s.Docker = true
	_, err := Build(t.Context(), s)
	wantError(t, err, `building "app" with Docker: there is no apps/app/Dockerfile`, "\nhint: ", "-engine=native")

	s.Apps = []string{"ap"}
	_, err = Build(t.Context(), s)
	wantError(t, err, `there is no apps/ap/Dockerfile`)
}

func TestBuildDockerWithoutAnEngine(t *testing.T) {
	path := os.Getenv("PATH")
	t.Setenv("PATH", t.TempDir())
	s := source(write(t, t.TempDir(), program))
	s.Docker = true
	write(t, s.Root, map[string]string{"apps/app/Dockerfile": "FROM scratch\n"})
	_, err := Build(t.Context(), s)
	wantError(t, err, `building "app": there is no docker command on the PATH`, "\nhint: install docker")

	t.Setenv("PATH", path)
	docker := anyDocker(t)
	s.Env = append(os.Environ(), "DOCKER_HOST=tcp://user:secret@127.0.0.1:1")
	_, err = Build(t.Context(), s)
	wantError(t, err, docker+" reaches no engine: Cannot connect", "\nhint: start the engine")
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("error %q shows the password", err)
	}
}

func TestBuildDockerFails(t *testing.T) {
	takesLong(t)
	w := newDockerWorld(t)
	w.s.Platforms = []v1.Platform{amd64}
	dockerfile, err := os.ReadFile(filepath.Join(w.s.Root, "apps", "app", "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	careless := strings.Replace(string(dockerfile), "GOARCH=${TARGETARCH}", "GOARCH=arm64", 1)
	tests := []struct {
		name  string
		files map[string]string
		env   string
		words []string
	}{
		{
			name:  "what does not compile",
			files: map[string]string{"apps/app/main.go": "package main\n\nfunc main() { nothing() }\n"},
			words: []string{
				`building "app" for linux/amd64 with `, ": exit status 1\n",
				"apps/app/main.go:3:15: undefined: nothing",
			},
		},
		{
			name: "no base image", env: "GO_IMAGE=127.0.0.1:1/go",
			words: []string{"127.0.0.1:1", "\nhint: set GO_IMAGE to a base image with Go"},
		},
		{
			name: "another architecture", files: map[string]string{"apps/app/Dockerfile": careless},
			words: []string{"asked for linux/amd64, and the program in the image is for arm64: the Dockerfile has " +
				"to compile for TARGETOS"},
		},
	}
	for _, test := range tests {
		for _, env := range builders {
			t.Run(test.name+" "+env, func(t *testing.T) {
				s := w.s
				s.Root, s.Env = t.TempDir(), append(s.Env, env, test.env)
				if err := os.CopyFS(s.Root, os.DirFS(w.s.Root)); err != nil {
					t.Fatal(err)
				}
				write(t, s.Root, test.files)
				w.leavesNothing(t, func() {
					_, err := Build(t.Context(), s)
					wantError(t, err, test.words...)
					if want := len(test.words) > 1 && strings.Contains(test.words[1], "hint"); strings.Contains(err.Error(),
						"hint") != want {
						t.Errorf("error %q: want a hint only where the base image is missing", err)
					}
				})
			})
		}
	}
}
