package tasks_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "envoy-proxy-poc"

// families are the packages of targets. None imports another, but local, doctor and dev use stack's Terraform.
var families = []string{
	"tasks/stack", "tasks/images", "tasks/registry", "tasks/local", "tasks/doctor", "tasks/dev",
}

// internal are the packages that do the work: mechanisms, the console, and leaves.
var internal = []string{
	"tasks/internal/settings", "tasks/internal/terraform", "tasks/internal/state", "tasks/internal/ecr",
	"tasks/internal/image", "tasks/internal/console", "tasks/internal/hint", "tasks/internal/awserr",
	"tasks/internal/files",
}

// below is what a family may import.
var below = append([]string{"tasks/session", "tasks/menu"}, internal...)

// mayImport says which packages of this project a package may import. What is not in the table may import none, and
// nothing may import a package that no row names.
var mayImport = map[string][]string{
	".": append([]string{"tasks", "tasks/menu", "tasks/session"}, families...),

	"tasks":          slices.Concat(families, below),
	"tasks/stack":    below,
	"tasks/images":   below,
	"tasks/registry": below,
	"tasks/local":    append([]string{"tasks/stack", "tasks/localaws"}, below...),
	"tasks/doctor":   append([]string{"tasks/stack"}, below...),
	"tasks/dev":      append([]string{"tasks/stack"}, below...),
	"tasks/hook":     {"tasks/registry"},
	"tasks/session":  append([]string{"tasks/menu"}, internal...),
	"tasks/menu":     {"tasks/internal/hint", "tasks/internal/settings"},

	"tasks/internal/terraform": {
		"tasks/internal/awserr", "tasks/internal/files", "tasks/internal/hint",
		"tasks/internal/lines", "tasks/internal/statelock",
	},
	"tasks/internal/state":   {"tasks/internal/awserr", "tasks/internal/hint", "tasks/internal/statelock"},
	"tasks/internal/ecr":     {"tasks/internal/awserr", "tasks/internal/files", "tasks/internal/hint"},
	"tasks/internal/image":   {"tasks/internal/files", "tasks/internal/hint", "tasks/internal/lines"},
	"tasks/internal/console": {"tasks/internal/hint"},
	// The leaves: an error's next action, what an error of AWS means, files that are replaced and locked, lines.
	"tasks/internal/awserr":    {"tasks/internal/hint"},
	"tasks/internal/files":     nil,
	"tasks/internal/hint":      nil,
	"tasks/internal/lines":     nil,
	"tasks/internal/statelock": nil,
}

// TestImportsGoDownwards keeps the picture of the README's Layout section. The local AWS and the programs stand apart:
// their packages import each other only.
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
		if !isMechanism(path.Dir(file)) {
			continue
		}
		text, err := os.ReadFile(filepath.Join("..", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, reader := range readers {
			if strings.Contains(string(text), reader) {
				t.Errorf("%s calls %s…): only the families and session read the environment", file, reader)
			}
		}
	}
}

func allowed(from, imported string) bool {
	switch {
	case within(from, "tasks/localaws"):
		return within(imported, "tasks/localaws")
	case within(from, "apps"):
		return within(imported, "apps/internal")
	}
	return slices.Contains(mayImport[from], imported)
}

// isMechanism is whether a package does the work: it takes values, and returns values and errors.
func isMechanism(pkg string) bool {
	return pkg != "tasks/internal/console" && within(pkg, "tasks/internal") || within(pkg, "tasks/localaws")
}

func within(pkg, parent string) bool { return pkg == parent || strings.HasPrefix(pkg, parent+"/") }

// projectImports is what each Go file, tests aside, imports of this project, by path from the root.
func projectImports(t *testing.T, root string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") || strings.Contains(file,
			"testdata") {
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
