package tasks_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "envoy-proxy-poc"

// mechanisms are what tasks puts together; each may have rooms of its own below it.
var mechanisms = []string{"settings", "terraform", "state", "ecr", "image", "localaws"}

// TestImportsGoDownwards keeps the picture of the README's Design section: the magefile imports tasks, tasks the mechanisms,
// the mechanisms nothing of the project but console and their own rooms, console nothing. The programs stand apart.
func TestImportsGoDownwards(t *testing.T) {
	for file, imports := range projectImports(t, "..") {
		for _, imported := range imports {
			if from := path.Dir(file); !allowed(from, imported) {
				t.Errorf("%s imports %s: an import goes downwards only", file, imported)
			}
		}
	}
}

// TestMechanismsDoNotReadTheEnvironment: they take plain values, so that a test or another caller decides all of them.
func TestMechanismsDoNotReadTheEnvironment(t *testing.T) {
	readers := []string{"os.Getenv(", "os.LookupEnv(", "os.Environ("}
	for file := range projectImports(t, "..") {
		if mechanismOf(path.Dir(file)) == "" {
			continue
		}
		text := read(t, filepath.Join("..", file))
		for _, reader := range readers {
			if strings.Contains(text, reader) {
				t.Errorf("%s calls %s…): only tasks reads the environment", file, reader)
			}
		}
	}
}

func allowed(from, imported string) bool {
	mechanism := mechanismOf(from)
	switch {
	case from == ".", from == "tasks/hook": // the menu, and the program that main.tf starts
		return imported == "tasks"
	case from == "tasks":
		return imported == "tasks/console" || mechanismOf(imported) == path.Base(imported)
	case mechanism != "":
		return imported == "tasks/console" || mechanismOf(imported) == mechanism
	case strings.HasPrefix(from, "apps/"):
		return strings.HasPrefix(imported, "apps/internal/")
	}
	return false // console, and whatever is new: say here what it may import
}

// mechanismOf is the mechanism a package belongs to, "" for any other package.
func mechanismOf(pkg string) string {
	for _, name := range mechanisms {
		if dir := "tasks/" + name; pkg == dir || strings.HasPrefix(pkg, dir+"/") {
			return name
		}
	}
	return ""
}

// projectImports is what each Go file, tests aside, imports of this project, by path from the root.
func projectImports(t *testing.T, root string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") || strings.Contains(file, "testdata") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, file)
		name := filepath.ToSlash(rel)
		found[name] = nil
		for _, spec := range parsed.Imports {
			if imported, _ := strconv.Unquote(spec.Path.Value); strings.HasPrefix(imported, module+"/") {
				found[name] = append(found[name], strings.TrimPrefix(imported, module+"/"))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 50 {
		t.Fatalf("parsed %d files below %s: this test looks in the wrong place", len(found), root)
	}
	return found
}
