package image

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

func build(t *testing.T, s Source) Built {
	t.Helper()
	b, err := Build(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) != 1 {
		t.Fatalf("Build of one app = %d images", len(b))
	}
	return b[0]
}

func TestBuildIsReproducible(t *testing.T) {
	takesLong(t)
	plain := build(t, source(write(t, t.TempDir(), program)))

	outer := t.TempDir()
	elsewhere := write(t, filepath.Join(outer, "a", "much", "longer", "path"), program)
	settings := "GOFLAGS=-tags=odd\nGOAMD64=v2\n"
	write(t, outer, map[string]string{
		"go.work": "go 1.26\n\nuse ./nowhere\n", "goenv": settings, "config/go/env": settings,
	})
	for _, env := range [][]string{
		{"GOAMD64=v3", "GOFLAGS=-tags=odd", "CGO_ENABLED=1", "GOARM64=v9.0", "GOOS=windows", "GOARCH=386"},
		{"XDG_CONFIG_HOME=" + filepath.Join(outer, "config")}, // where go env -w writes
		{"GOENV=" + filepath.Join(outer, "goenv"), "GOEXPERIMENT=nogreenteagc", "GOFIPS140=latest", "GODEBUG=x=1"},
		{"GOWORK=" + filepath.Join(outer, "go.work"), "GOFLAGS="},
		{
			"GO_EXTLINK_ENABLED=1", "GOCLOBBERDEADHASH=1", "GOSSADIR=" + outer, "GOCOMPILEDEBUG=nil=0", "GOGC=50",
			"GOROOT=" + outer,
		},
		{"GOCACHE=" + t.TempDir(), "TMPDIR=" + t.TempDir(), "HOME=" + t.TempDir(), "GOMODCACHE=" + t.TempDir()},
	} {
		if other := build(t, source(elsewhere, env...)); other.Digest != plain.Digest {
			t.Errorf("Build with %q at another path = %s, want %s", env, other.Digest, plain.Digest)
		}
	}

	changed := source(write(t, elsewhere,
		map[string]string{"apps/app/plain.go": "//go:build !odd\n\npackage main\n\nconst flavour = \"new\"\n"}))
	if build(t, changed).Digest == plain.Digest {
		t.Error("Build of other sources has the same digest")
	}
}

func TestBuiltImage(t *testing.T) {
	s := source(write(t, t.TempDir(), program))
	write(t, s.Root, map[string]string{"apps/app/Dockerfile": "FROM scratch\nEXPOSE 8080 8081\n"})
	s.URL, s.Revision.Dirty = "https://example.com/source", true
	b := build(t, s)
	if b.Index != nil || b.MediaType != types.OCIManifestSchema1 || !reflect.DeepEqual(b.Platforms, []v1.Platform{amd64}) {
		t.Errorf("Build = %s for %v, want one OCI image for linux/amd64", b.MediaType, b.Platforms)
	}
	config, err := b.Image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]string{
		"org.opencontainers.image.created":  "2026-03-04T05:06:07Z",
		"org.opencontainers.image.revision": revision.Commit + "-dirty",
		"org.opencontainers.image.source":   "https://example.com/source",
		"org.opencontainers.image.title":    "app",
		"org.opencontainers.image.version":  "0123456789ab-dirty",
	}
	want := v1.Config{
		User: "65532:65532", Entrypoint: []string{"/app"}, WorkingDir: "/", Labels: labels,
		ExposedPorts: map[string]struct{}{"8080/tcp": {}, "8081/tcp": {}},
	}
	if !reflect.DeepEqual(config.Config, want) {
		t.Errorf("config = %+v, want %+v", config.Config, want)
	}
	if config.OS != "linux" || config.Architecture != "amd64" || config.Variant != "" ||
		!config.Created.Equal(commitTime) {
		t.Errorf("config is %s of %s, want linux/amd64 of %s", config.Platform(), config.Created, commitTime)
	}
	if manifest, err := b.Image.Manifest(); err != nil || !reflect.DeepEqual(manifest.Annotations, labels) {
		t.Errorf("annotations = %v (%v), want %v", manifest.Annotations, err, labels)
	}
	checkLayer(t, b.Image)
}

// checkLayer wants one layer of one file: the program, at the epoch, with its version in it.
func checkLayer(t *testing.T, img v1.Image) {
	t.Helper()
	layers, err := img.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("image has %d layers (%v), want 1", len(layers), err)
	}
	if mt, _ := layers[0].MediaType(); mt != types.OCILayer {
		t.Errorf("layer is %s, want %s", mt, types.OCILayer)
	}
	// Bytes 3 to 9 of gzip (RFC 1952): no name or comment, no time.
	if head := content(t, layers[0].Compressed)[:8]; !bytes.Equal(head[3:], make([]byte, 5)) {
		t.Errorf("gzip header % x holds a name or a time", head)
	}
	tr := tar.NewReader(bytes.NewReader(content(t, layers[0].Uncompressed)))
	h, err := tr.Next()
	if err != nil {
		t.Fatal(err)
	}
	if h.Name != "app" || h.Mode != 0o755 || h.Uid != 0 || h.Gid != 0 || !h.ModTime.Equal(time.Unix(0, 0)) {
		t.Errorf("layer holds %s %o %d:%d of %s, want app 755 0:0 of the epoch", h.Name, h.Mode, h.Uid, h.Gid, h.ModTime)
	}
	binary, err := io.ReadAll(tr)
	if err != nil || !bytes.Contains(binary, []byte("0123456789ab-dirty")) {
		t.Errorf("the binary does not hold its version (%v)", err)
	}
	if _, err := tr.Next(); err != io.EOF {
		t.Errorf("layer holds more than the program (%v)", err)
	}
}

// TestBuildSeveralApps wants each image to be its own app's, on each platform.
func TestBuildSeveralApps(t *testing.T) {
	s := source(write(t, t.TempDir(), program))
	write(t, s.Root, map[string]string{
		"apps/client/main.go":    "package main\n\nfunc main() { println(`another`) }\n",
		"apps/client/Dockerfile": "EXPOSE 1\n",
		"apps/app/Dockerfile":    "EXPOSE 2\n",
	})
	s.Platforms = nil
	alone := map[string]v1.Hash{}
	for _, app := range []string{"app", "client"} {
		s.Apps = []string{app}
		alone[app] = build(t, s).Digest
	}
	s.Apps = []string{"client", "app"}
	built, err := Build(t.Context(), s)
	if err != nil || len(built) != 2 {
		t.Fatalf("Build of two apps = %v, %v", built, err)
	}
	for i, b := range built {
		if b.App != s.Apps[i] || b.Digest != alone[b.App] {
			t.Errorf("image %d is %s %s, want %s, as alone %s", i, b.App, b.Digest, s.Apps[i], alone[s.Apps[i]])
		}
	}
}

func TestBuildForBothByDefault(t *testing.T) {
	s := source(write(t, t.TempDir(), program))
	s.Platforms = nil
	b := build(t, s)
	if !reflect.DeepEqual(b.Platforms, []v1.Platform{amd64, arm64}) || b.MediaType != types.OCIImageIndex {
		t.Errorf("Build = %s of %v, want an index of linux/amd64 and linux/arm64", b.MediaType, b.Platforms)
	}
}

func TestBuildSeveralPlatforms(t *testing.T) {
	s := source(write(t, t.TempDir(), program))
	var err error
	if s.Platforms, err = ParsePlatforms("linux/arm64,linux/amd64"); err != nil {
		t.Fatal(err)
	}
	b := build(t, s)
	if b.Image != nil || b.MediaType != types.OCIImageIndex {
		t.Fatalf("Build = %s, want an OCI index", b.MediaType)
	}
	manifest, err := b.Index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	if len(manifest.Manifests) != len(s.Platforms) {
		t.Fatalf("the index lists %d images, want %d", len(manifest.Manifests), len(s.Platforms))
	}
	size := int64(0)
	for i, d := range manifest.Manifests {
		img, err := b.Index.Image(d.Digest)
		if err != nil {
			t.Fatal(err)
		}
		config, err := img.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if !d.Platform.Equals(s.Platforms[i]) || !config.Platform().Equals(s.Platforms[i]) {
			t.Errorf("image %d is listed as %s and is %s, want %s", i, d.Platform, config.Platform(), s.Platforms[i])
		}
		m, err := img.Manifest()
		if err != nil {
			t.Fatal(err)
		}
		size += d.Size + m.Config.Size + m.Layers[0].Size
	}
	own, err := b.Index.Size()
	if err != nil || b.Size != size+own {
		t.Errorf("Size = %d (%v), want %d", b.Size, err, size+own)
	}
}

func TestBuildShowsTheCompilersWords(t *testing.T) {
	var log strings.Builder
	s := source(write(t, t.TempDir(), program))
	s.Log = &log
	write(t, s.Root, map[string]string{
		"apps/app/main.go":    "package main\n\nfunc main() { nothing() }\n",
		"apps/client/main.go": "package main\n\nfunc main() { neither() }\n",
	})
	s.Apps = []string{"app", "client"}
	_, err := Build(t.Context(), s)
	wantError(t, err, `compiling "app", "client" for linux/amd64`, "main.go:3:15: undefined: nothing",
		"main.go:3:15: undefined: neither")
	if log.Len() > 0 {
		t.Errorf("the log repeats %q", log.String())
	}
}

func TestBuildRefuses(t *testing.T) {
	root := write(t, t.TempDir(), program)
	write(t, root, map[string]string{
		"apps/client/main.go":      "package main\n",
		"apps/internal/pod/pod.go": "package pod\n",
		"apps/library/library.go":  "package library\n",
	})
	tests := map[string][]string{
		"cient":       {`unknown app "cient": there is no program in apps/cient, only app, client, library`},
		"internal":    {`unknown app "internal"`},
		"-x":          {`invalid app name "-x"`},
		"":            {`invalid app name ""`},
		"..":          {`invalid app name ".."`},
		"../apps/app": {"invalid app name"},
		`a\b`:         {"invalid app name"},
		"library":     {"its package is not main"},
	}
	for app, words := range tests {
		s := source(root)
		s.Apps = []string{app}
		_, err := Build(t.Context(), s)
		wantError(t, err, words...)
	}
	_, err := Build(t.Context(), source(t.TempDir()))
	wantError(t, err, `unknown app "app": there is no program below`)
	for words, apps := range map[string][]string{
		`app "app" is named twice`: {"app", "client", "app"},
		"no app is named":          nil,
	} {
		s := source(root)
		s.Apps = apps
		_, err := Build(t.Context(), s)
		wantError(t, err, words)
	}

	s := source(root)
	s.Platforms = []v1.Platform{{OS: "windows", Architecture: "amd64"}, {OS: "linux", Architecture: "vax"}}
	_, err = Build(t.Context(), s)
	wantError(t, err, `"windows/amd64"`, `"linux/vax"`)
}

func TestBuildStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Build(ctx, source(write(t, t.TempDir(), program)))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Build after an interrupt = %v, want %v", err, context.Canceled)
	}
}

func TestBuildWithoutItsToolchain(t *testing.T) {
	var log strings.Builder
	files := map[string]string{"go.mod": program["go.mod"] + "\ntoolchain go1.26.999\n"}
	s := source(write(t, write(t, t.TempDir(), program), files), "GOPROXY=off", "GOTOOLCHAIN=auto")
	s.Log = &log
	build(t, s)
	if !strings.Contains(log.String(), "go1.26.999, which go.mod names, is not available") {
		t.Errorf("log = %q, want it to say that another go builds", log.String())
	}

	log.Reset()
	s.Env = append(s.Env, "GOTOOLCHAIN=local")
	build(t, s)
	if log.Len() > 0 {
		t.Errorf("log = %q, want none: the user asked for the local go", log.String())
	}
}

func TestBuildWithoutGo(t *testing.T) {
	s := source(write(t, t.TempDir(), program))
	s.Go = filepath.Join(t.TempDir(), "go")
	_, err := Build(t.Context(), s)
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Build without a go command = %v, want %v", err, os.ErrNotExist)
	}
}

func TestWordsKeepsDownloadsApart(t *testing.T) {
	var story, kept strings.Builder
	w := goWords(&story, &kept)
	for _, part := range []string{"go: down", "loading a v1\n# demo\n", "x.go:1: bad", "\n", "rest"} {
		_, _ = io.WriteString(w, part)
	}
	w.Flush()
	if got, want := story.String(), "go: downloading a v1\n"; got != want {
		t.Errorf("story = %q, want %q", got, want)
	}
	if got, want := kept.String(), "# demo\nx.go:1: bad\nrest\n"; got != want {
		t.Errorf("words = %q, want %q", got, want)
	}
}
