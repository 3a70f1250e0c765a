package tasks_test

import (
	"go/ast"
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

// mayImport says which packages of this project a package may import, tests aside. All names are below tasks. A package
// without a row may import none, and a package that no row names may be imported by none.
//
// Imports go downwards only. No family of targets imports another; local, doctor and dev use stack's Terraform.
var mayImport = map[string][]string{
	"magefile.go": {"tasks", "stack", "images", "registry", "rights", "local", "doctor", "dev", "session", "menu"},
	"tasks":       with(below, "stack", "images", "registry"),

	// families of targets
	"stack":    below,
	"images":   below,
	"registry": below,
	"rights":   below,
	"local":    with(below, "stack", "localaws"),
	"doctor":   with(below, "stack"),
	"dev":      with(below, "stack"),
	"hook":     {"registry", "session"},

	// what families share
	"session": with(internal, "menu"),
	"menu":    {"internal/hint", "internal/settings"},

	// mechanisms, and the console
	"internal/settings":  {"internal/hint"},
	"internal/terraform": {"internal/awserr", "internal/child", "internal/files", "internal/hint", "internal/lines", "internal/statelock"},
	"internal/state":     {"internal/awserr", "internal/hint", "internal/statelock"},
	"internal/ecr":       {"internal/again", "internal/awserr", "internal/child", "internal/files", "internal/hint"},
	"internal/image":     {"internal/again", "internal/child", "internal/files", "internal/hint", "internal/lines"},
	"internal/console":   {"internal/hint"},

	// leaves
	"internal/again":     {},
	"internal/awserr":    {"internal/hint"},
	"internal/child":     {},
	"internal/files":     {},
	"internal/hint":      {},
	"internal/lines":     {},
	"internal/statelock": {},
}

// below are the packages that every family may import.
var below = with(internal, "session", "menu")

// internal are the packages below internal that the families and session may import.
var internal = []string{
	"internal/settings", "internal/terraform", "internal/state", "internal/ecr", "internal/image", "internal/console",
	"internal/hint", "internal/awserr", "internal/files", "internal/again",
	"internal/child",
}

func with(list []string, more ...string) []string { return slices.Concat(more, list) }

// TestImportsGoDownwards compares each import with the table. The local AWS and the programs in apps stand alone: their
// packages import only each other.
func TestImportsGoDownwards(t *testing.T) {
	for file, imports := range projectImports(t, "..") {
		for _, imported := range imports {
			if from := path.Dir(file); !allowed(from, imported) {
				t.Errorf("%s imports %s: the table mayImport does not allow it for %s", file, imported, from)
			}
		}
	}
}

// TestMechanismsDoNotReadTheEnvironment: mechanisms take plain values, so that a test or another caller decides them.
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
	return slices.Contains(mayImport[row(from)], row(imported))
}

// row is the name of a package in the table.
func row(pkg string) string {
	if pkg == "." {
		return "magefile.go"
	}
	return strings.TrimPrefix(pkg, "tasks/")
}

// isMechanism reports whether a package takes values, and returns values and errors.
func isMechanism(pkg string) bool {
	return pkg != "tasks/internal/console" && within(pkg, "tasks/internal") || within(pkg, "tasks/localaws")
}

func within(pkg, parent string) bool { return pkg == parent || strings.HasPrefix(pkg, parent+"/") }

// projectImports are the imports of this project in each Go file, tests aside, by the path from the root.
func projectImports(t *testing.T, root string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		code := strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, "_test.go")
		if err != nil || !code || strings.Contains(file, "testdata") {
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

// TestChildrenStartInOnePlace: package child decides which secrets a child gets, so nothing else starts one.
func TestChildrenStartInOnePlace(t *testing.T) {
	starters := map[string][]string{
		"os/exec": {"Command", "CommandContext"}, "os": {"StartProcess"},
		"syscall": {"Exec", "ForkExec", "StartProcess"}, "golang.org/x/sys/unix": {"Exec"},
	}
	for file := range projectImports(t, "..") {
		if within(path.Dir(file), "tasks/internal/child") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", file), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		names := map[string][]string{}
		for _, spec := range parsed.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			name := path.Base(imported)
			if spec.Name != nil {
				name = spec.Name.Name
			}
			names[name] = starters[imported]
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if selector, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := selector.X.(*ast.Ident); ok && slices.Contains(names[pkg.Name], selector.Sel.Name) {
					t.Errorf("%s uses %s.%s: only package child starts programs", file, pkg.Name, selector.Sel.Name)
				}
			}
			return true
		})
	}
}
