package image

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// judged is s with the revision of its checkout and the verdict on it.
func judged(t *testing.T, s Source) Source {
	t.Helper()
	var err error
	if s.Revision, err = Head(t.Context(), s.Root, s.Env); err == nil {
		s, err = Judge(t.Context(), s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// shop is a program that uses a package outside of apps, one that embeds a file, and a module in a folder.
var shop = map[string]string{
	"go.mod": "module example.com/demo\n\ngo 1.26\n\nrequire example.com/lib v0.0.0\n\n" +
		"replace example.com/lib => ./lib\n",
	"lib/go.mod": "module example.com/lib\n\ngo 1.26\n",
	"lib/lib.go": "package lib\n\nconst Name = \"lib\"\n",
	"apps/app/main.go": "package main\n\nimport (\n\t_ \"embed\"\n\n\t\"example.com/demo/greet\"\n" +
		"\t\"example.com/lib\"\n)\n\n" +
		"//go:embed page.html\nvar page string\n\nfunc main() { println(page, greet.Word, lib.Name) }\n",
	"apps/app/page.html":    "<p>page</p>\n",
	"apps/app/extra.go":     "package main\n\nfunc init() { println(\"extra\") }\n",
	"apps/app/main_test.go": "package main\n",
	"apps/app/Dockerfile":   "FROM scratch\nCOPY apps /apps\nEXPOSE 8080\n",
	"greet/greet.go":        "package greet\n\nconst Word = \"hello\"\n",
	"other/other.go":        "package other\n",
	".dockerignore":         "*\n!apps\n!greet\napps/*/Dockerfile\n",
	"README.md":             "read me\n",
}

// shopAt is a committed shop in a folder of a repository, and the environment for git and go in it.
func shopAt(t *testing.T) (dir string, env []string) {
	t.Helper()
	said, err := exec.Command("go", "env", "GOMODCACHE", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	caches := strings.Fields(string(said)) // compiled before, for the other HOME too
	env = append(alone(t), "GOMODCACHE="+caches[0], "GOCACHE="+caches[1])
	dir = write(t, filepath.Join(t.TempDir(), "shop"), shop)
	gitDo(t, filepath.Dir(dir), env, "init", "-q")
	commitAll(t, dir, env)
	return dir, env
}

func commitAll(t *testing.T, dir string, env []string) {
	t.Helper()
	gitDo(t, dir, env, "add", "-A")
	gitDo(t, dir, env, "commit", "-q", "-m", "all of it")
}

const tampered = "\n// tampered\n"

// tamper appends to a file.
func tamper(t *testing.T, dir, name string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, map[string]string{name: string(text) + tampered})
}

// TestTampering changes what is compiled in every way that we know of. None may have the tag of the commit.
func TestTampering(t *testing.T) {
	link := func(t *testing.T, to, at string) {
		t.Helper()
		if err := os.Symlink(to, at); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		do  func(t *testing.T, dir string, env []string)
		why string // empty for what has to count as clean
	}{
		"nothing":              {func(*testing.T, string, []string) {}, ""},
		"what is not compiled": {func(t *testing.T, dir string, _ []string) { tamper(t, dir, "other/other.go") }, ""},
		"a document":           {func(t *testing.T, dir string, _ []string) { tamper(t, dir, "README.md") }, ""},
		"a test": {
			func(t *testing.T, dir string, _ []string) { tamper(t, dir, "apps/app/main_test.go") },
			"",
		},
		"a package outside apps": {
			func(t *testing.T, dir string, _ []string) { tamper(t, dir, "greet/greet.go") },
			"greet/greet.go differs",
		},
		"an embedded file": {
			func(t *testing.T, dir string, _ []string) { tamper(t, dir, "apps/app/page.html") },
			"page.html differs",
		},
		"a module in a folder": {
			func(t *testing.T, dir string, _ []string) { tamper(t, dir, "lib/lib.go") },
			"lib/lib.go differs",
		},
		"the go.mod of that": {
			func(t *testing.T, dir string, _ []string) { tamper(t, dir, "lib/go.mod") },
			"lib/go.mod differs",
		},
		"the ports": {
			func(t *testing.T, dir string, _ []string) { tamper(t, dir, "apps/app/Dockerfile") },
			"Dockerfile differs",
		},
		"other line ends": {func(t *testing.T, dir string, _ []string) {
			write(t, dir, map[string]string{"greet/greet.go": strings.ReplaceAll(shop["greet/greet.go"], "\n", "\r\n")})
		}, "greet.go differs"},
		"a filter that hides it": {func(t *testing.T, dir string, env []string) {
			write(t, filepath.Dir(dir), map[string]string{".git/info/attributes": "*.go filter=hide\n"})
			gitDo(t, dir, env, "config", "filter.hide.clean", "git show HEAD:%f")
			tamper(t, dir, "greet/greet.go")
		}, "greet.go differs"},
		"a commit that is replaced": {func(t *testing.T, dir string, env []string) {
			was := gitDo(t, dir, env, "rev-parse", "HEAD")
			tamper(t, dir, "greet/greet.go")
			commitAll(t, dir, env)
			is := gitDo(t, dir, env, "rev-parse", "HEAD")
			gitDo(t, dir, env, "update-ref", "HEAD", was)
			gitDo(t, dir, env, "replace", was, is)
		}, "greet.go differs"},
		"an ignored file": {func(t *testing.T, dir string, _ []string) {
			write(t, filepath.Dir(dir), map[string]string{".git/info/exclude": "*_local.go\n"})
			write(t, dir, map[string]string{"apps/app/x_local.go": "package main\n"})
		}, "x_local.go is not in the commit"},
		"a profile": {func(t *testing.T, dir string, _ []string) {
			write(t, dir, map[string]string{"apps/app/default.pgo": ""})
		}, "default.pgo is not in the commit"},
		"assume-unchanged": {func(t *testing.T, dir string, env []string) {
			gitDo(t, dir, env, "update-index", "--assume-unchanged", "greet/greet.go")
			tamper(t, dir, "greet/greet.go")
		}, "greet.go differs"},
		"skip-worktree": {func(t *testing.T, dir string, env []string) {
			gitDo(t, dir, env, "update-index", "--skip-worktree", "greet/greet.go")
			tamper(t, dir, "greet/greet.go")
		}, "greet.go differs"},
		"a file that is gone": {func(t *testing.T, dir string, _ []string) {
			if err := os.Remove(filepath.Join(dir, "apps/app/extra.go")); err != nil {
				t.Fatal(err)
			}
		}, "extra.go is missing"},
		"a file that is left out": {func(t *testing.T, dir string, _ []string) {
			write(t, dir, map[string]string{"apps/app/extra.go": "//go:build never\n\n" + shop["apps/app/extra.go"]})
		}, "extra.go differs"},
		"a vendor folder of the commit": {func(t *testing.T, dir string, env []string) {
			vendor(t, dir, env)
			commitAll(t, dir, env)
			tamper(t, dir, "vendor/example.com/lib/lib.go")
		}, "vendor/example.com/lib/lib.go differs"},
		"a module in it that has a version": {func(t *testing.T, dir string, env []string) {
			write(t, dir, map[string]string{
				"go.mod":                        "module example.com/demo\n\ngo 1.26\n\nrequire example.com/lib v1.0.0\n",
				"vendor/modules.txt":            "# example.com/lib v1.0.0\n## explicit; go 1.26\nexample.com/lib\n",
				"vendor/example.com/lib/lib.go": shop["lib/lib.go"],
			})
			commitAll(t, dir, env)
			tamper(t, dir, "vendor/example.com/lib/lib.go")
		}, "vendor/example.com/lib/lib.go differs"},
		"its list of modules": {func(t *testing.T, dir string, env []string) {
			vendor(t, dir, env)
			commitAll(t, dir, env)
			write(t, dir, map[string]string{"vendor/modules.txt": read(t, dir, "vendor/modules.txt") + "\n"})
		}, "vendor/modules.txt differs"},
		"a module outside of the repository": {func(t *testing.T, dir string, env []string) {
			outside := write(t, t.TempDir(), map[string]string{"go.mod": shop["lib/go.mod"], "lib.go": shop["lib/lib.go"]})
			write(t, dir, map[string]string{"go.mod": strings.ReplaceAll(shop["go.mod"], "./lib", outside)})
			commitAll(t, dir, env)
		}, "go.mod is outside of the repository"},
		"a link out of the repository": {func(t *testing.T, dir string, env []string) {
			outside := write(t, t.TempDir(), map[string]string{"more.go": "package greet\n"})
			link(t, filepath.Join(outside, "more.go"), filepath.Join(dir, "greet", "more.go"))
			commitAll(t, dir, env)
		}, "greet/more.go is behind a link that leads out"},
		"a folder that is a link out": {func(t *testing.T, dir string, env []string) {
			outside := filepath.Join(filepath.Dir(filepath.Dir(dir)), "outside")
			if err := os.Rename(filepath.Join(dir, "greet"), outside); err != nil {
				t.Fatal(err)
			}
			link(t, "../../outside", filepath.Join(dir, "greet"))
			commitAll(t, dir, env)
		}, "is behind a link that leads out"},
		"a link of the commit": {func(t *testing.T, dir string, env []string) {
			if err := os.Rename(filepath.Join(dir, "greet", "greet.go"), filepath.Join(dir, "greeting")); err != nil {
				t.Fatal(err)
			}
			link(t, "../greeting", filepath.Join(dir, "greet", "greet.go"))
			commitAll(t, dir, env)
		}, ""},
		"what such a link leads to": {func(t *testing.T, dir string, env []string) {
			write(t, dir, map[string]string{"greeting": shop["greet/greet.go"]})
			_ = os.Remove(filepath.Join(dir, "greet", "greet.go"))
			link(t, "../greeting", filepath.Join(dir, "greet", "greet.go"))
			commitAll(t, dir, env)
			tamper(t, dir, "greeting")
		}, "greet/greet.go differs"},
		"another link": {func(t *testing.T, dir string, env []string) {
			write(t, dir, map[string]string{"greeting": shop["greet/greet.go"], "hello": shop["greet/greet.go"] + tampered})
			_ = os.Remove(filepath.Join(dir, "greet", "greet.go"))
			link(t, "../greeting", filepath.Join(dir, "greet", "greet.go"))
			commitAll(t, dir, env)
			_ = os.Remove(filepath.Join(dir, "greet", "greet.go"))
			link(t, "../hello", filepath.Join(dir, "greet", "greet.go"))
		}, "greet/greet.go differs"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, env := shopAt(t)
			c.do(t, dir, env)
			got := judged(t, source(dir, env...)).Revision
			if got.Commit == "" || got.Dirty != (c.why != "") || !strings.Contains(got.Why, c.why) {
				t.Errorf("%s is dirty: %t, because %q, want %q", got.Commit, got.Dirty, got.Why, c.why)
			}
		})
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func vendor(t *testing.T, dir string, env []string) {
	t.Helper()
	cmd := exec.Command("go", "mod", "vendor")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), append(env, "GOFLAGS=-mod=mod", "GOWORK=off")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go mod vendor: %v\n%s", err, out)
	}
}

// TestSettingsThatAreNotUsed builds beside what would make another program of the same files. The image has to be the
// commit's all the same, and a line has to say what was left out.
func TestSettingsThatAreNotUsed(t *testing.T) {
	takesLong(t)
	dir, env := shopAt(t)
	plain := build(t, judged(t, source(dir, append(env, "GOFLAGS=")...)))
	outer := filepath.Dir(dir)
	evil := write(t, t.TempDir(),
		map[string]string{"greet.go": strings.ReplaceAll(shop["greet/greet.go"], "hello", "evil")})
	overlay, err := json.Marshal(map[string]any{
		"Replace": map[string]string{filepath.Join(dir, "greet", "greet.go"): filepath.Join(evil, "greet.go")},
	})
	if err != nil {
		t.Fatal(err)
	}
	write(t, evil, map[string]string{"overlay.json": string(overlay)})
	flag := "GOFLAGS=-overlay=" + filepath.Join(evil, "overlay.json")
	write(t, evil, map[string]string{"goenv": flag + "\n"})
	for name, c := range map[string]struct {
		do   func(t *testing.T)
		env  string
		said string
	}{
		"an overlay in GOFLAGS": {env: flag, said: "GOFLAGS is not used, because flags can change the images: -overlay="},
		"an overlay of go env":  {env: "GOENV=" + filepath.Join(evil, "goenv"), said: "GOFLAGS is not used"},
		"a go.work": {do: func(t *testing.T) {
			write(t, outer, map[string]string{"go.work": "go 1.26\n\nuse ./shop\n\nreplace example.com/lib => ./elsewhere\n"})
			t.Cleanup(func() { _ = os.Remove(filepath.Join(outer, "go.work")) })
		}, said: filepath.Join(outer, "go.work") + " is not used"},
		"a vendor folder that is not the commit's": {do: func(t *testing.T) {
			vendor(t, dir, env)
			tamper(t, dir, "vendor/example.com/lib/lib.go")
		}, said: "vendor/ is not used: the commit does not hold it"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.do != nil {
				c.do(t)
			}
			var log bytes.Buffer
			s := source(dir, append(env, "GOFLAGS=", c.env)...)
			s.Log = &log
			got := build(t, judged(t, s))
			if got.Digest != plain.Digest || got.Revision.Dirty {
				t.Errorf("the image is %s, dirty: %t (%s), want %s", got.Digest, got.Revision.Dirty, got.Revision.Why, plain.Digest)
			}
			if strings.Count(log.String(), c.said) != 1 {
				t.Errorf("the log has not one line %q:\n%s", c.said, log.String())
			}
		})
	}
}

// TestEditDuringTheCompile has the go command edit a source, and in one case restore it, before it compiles.
func TestEditDuringTheCompile(t *testing.T) {
	takesLong(t)
	if runtime.GOOS == "windows" {
		t.Skip("the go command is a script here")
	}
	for name, script := range map[string]string{
		"edited": `echo "// edited" >>greet/greet.go; exec go "$@"`,
		"new":    `echo "package greet" >greet/new.go; exec go "$@"`,
		"restored": `cp greet/greet.go "$0.was"; echo "const edited = 1" >>greet/greet.go; go "$@"; ` +
			`cp "$0.was" greet/greet.go`,
	} {
		t.Run(name, func(t *testing.T) {
			dir, env := shopAt(t)
			s := source(dir, env...)
			s.Go = filepath.Join(t.TempDir(), "go.sh")
			script = "#!/bin/sh\nif [ \"$1\" = build ] && [ ! -e \"$0.once\" ]; then touch \"$0.once\"; " + script +
				"; exit; fi\nexec go \"$@\"\n"
			if err := os.WriteFile(s.Go, []byte(script), 0o755); err != nil {
				t.Fatal(err)
			}
			if s = judged(t, s); s.Revision.Dirty {
				t.Fatalf("dirty before: %s", s.Revision.Why)
			}
			got := build(t, s)
			said, err := got.said()
			if err != nil || !got.Revision.Dirty || !strings.HasPrefix(got.Revision.Why, "shop/greet/") ||
				said[revisionAnnotation] != got.Revision.Commit+"-dirty" {
				t.Errorf("the image is of %s (%v), because %q", said[revisionAnnotation], err, got.Revision.Why)
			}
		})
	}
}

// TestEditBeforeTheUpload edits the sources, and the binaries in the cache, between the build and the push.
func TestEditBeforeTheUpload(t *testing.T) {
	dir, env := shopAt(t)
	s := source(dir, env...)
	s.Cache = t.TempDir()
	b := build(t, judged(t, s))
	tamper(t, dir, "greet/greet.go")
	err := filepath.WalkDir(s.Cache, func(file string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			err = os.WriteFile(file, []byte("tampered"), 0o755)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	to := serve(t)
	if _, err := pushOne(t.Context(), to.Target, b, Tags{Fixed: []string{b.Revision.String()}}, sending{}); err != nil {
		t.Fatal(err)
	}
	got, err := to.dial(t).puller.Get(t.Context(), to.dial(t).ref(b.Revision.String()))
	if err != nil {
		t.Fatal(err)
	}
	img, err := got.Image()
	if err != nil {
		t.Fatal(err)
	}
	layers, err := img.Layers()
	if err != nil || got.Digest != b.Digest || b.Revision.Dirty {
		t.Fatalf("%s is in the registry, want %s (%v)", got.Digest, b.Digest, err)
	}
	if binary := content(t, layers[0].Uncompressed); !bytes.Contains(binary, []byte("hello")) {
		t.Error("the layer is not the program that was compiled")
	}
}

// TestBinaryInTheCache: a binary that was edited since the last build is not put into an image.
func TestBinaryInTheCache(t *testing.T) {
	dir, env := shopAt(t)
	s := source(dir, env...)
	s.Cache = t.TempDir()
	want := build(t, judged(t, s)).Digest
	binary := filepath.Join(s.Cache, "linux-amd64", "bin", "app")
	text, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(binary, bytes.ReplaceAll(text, []byte("hello"), []byte("hallo")), 0o755); err != nil {
		t.Fatal(err)
	}
	if got := build(t, judged(t, s)).Digest; got != want {
		t.Errorf("after an edit of the binary the image is %s, want %s", got, want)
	}
}

// TestDockerContext judges what is sent to an engine. No engine is needed for it.
func TestDockerContext(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		gone  string
		why   string
	}{
		"nothing": {nil, "", ""},
		"what is not sent": {map[string]string{
			"lib/lib.go": "package lib\n", "new.txt": "new\n",
			"go.mod": "module x\n",
		}, "", ""},
		"a file that is sent": {
			map[string]string{"greet/greet.go": "package greet\n"},
			"",
			"shop/greet/greet.go differs",
		},
		"a new one": {
			map[string]string{"apps/app/new.txt": "new\n"},
			"",
			"shop/apps/app/new.txt is not in the commit",
		},
		"one that is gone": {nil, "apps/app/extra.go", "shop/apps/app/extra.go is missing"},
		"the Dockerfile":   {map[string]string{"apps/app/Dockerfile": "FROM scratch\n"}, "", "Dockerfile differs"},
		"the .dockerignore": {
			map[string]string{".dockerignore": "*\n!apps\napps/*/Dockerfile\n"},
			"",
			".dockerignore differs",
		},
		"a Dockerfile's own": {
			map[string]string{"apps/app/Dockerfile.dockerignore": "lib\n"},
			"",
			"is not in the commit",
		},
		"git's folder is never sent": {map[string]string{".git/x": ""}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, env := shopAt(t)
			write(t, dir, maps.Collect(maps.All(c.files)))
			if c.gone != "" {
				if err := os.Remove(filepath.Join(dir, c.gone)); err != nil {
					t.Fatal(err)
				}
			}
			s := source(dir, env...)
			s.Docker = true
			if got := judged(t, s).Revision; got.Dirty != (c.why != "") || !strings.Contains(got.Why, c.why) {
				t.Errorf("dirty: %t, because %q, want %q", got.Dirty, got.Why, c.why)
			}
		})
	}
}

// TestJudgeAMix compares what each app is made of, and the file that says how.
func TestJudgeAMix(t *testing.T) {
	takesLong(t)
	for file, dirty := range map[string]bool{
		"greet/greet.go": true, "site/page.html": true, "site/left.out": false, "apps/site/Dockerfile": true,
		"settings": true, "other/other.go": false,
	} {
		dir, env := shopAt(t)
		write(t, dir, map[string]string{
			"apps/site/Dockerfile": "FROM scratch\nCOPY page.html /\n", "site/page.html": "page", "settings": "1",
			"site/.dockerignore": "*.out\n", "site/left.out": "1",
		})
		commitAll(t, dir, env)
		s := source(dir, env...)
		s.Apps = []string{"app", "site"}
		s.Recipes = map[string]Recipe{"site": {Docker: true, Context: "site", From: "settings"}}
		if got := judged(t, s).Revision; got.Dirty {
			t.Fatalf("as committed: %s", got.Why)
		}
		write(t, dir, map[string]string{file: "package greet // edited\n"})
		if got := judged(t, s).Revision; got.Dirty != dirty {
			t.Errorf("after an edit of %s: dirty is %t, because %q", file, got.Dirty, got.Why)
		}
	}
}

// TestEditDuringADockerBuild is what Build does around the engine.
func TestEditDuringADockerBuild(t *testing.T) {
	dir, env := shopAt(t)
	s := source(dir, env...)
	s.Docker = true
	var built []string
	_, err := judged(t, s).steadily(t.Context(), func(_ context.Context, s Source) ([]Built, error) {
		tamper(t, dir, "greet/greet.go")
		built = append(built, s.Revision.Version())
		return nil, nil
	})
	if err != nil || len(built) != 2 || strings.HasSuffix(built[0], "-dirty") || !strings.HasSuffix(built[1], "-dirty") {
		t.Errorf("built %q, %v, want a clean image and then a -dirty one", built, err)
	}
}
