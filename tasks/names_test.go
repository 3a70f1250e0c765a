package tasks_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoLocalShadowsThePackage lists the variables, parameters and results of functions that have the name of something
// at package level: a reader could mistake one for the other.
func TestNoLocalShadowsThePackage(t *testing.T) {
	for dir, files := range packagesBelow(t, ".") {
		global := map[string]bool{}
		for _, file := range files {
			for _, name := range packageNames(file) {
				global[name] = true
			}
		}
		for path, file := range files {
			for _, local := range localNames(file) {
				if global[local.Name] {
					t.Errorf("%s: a local %q hides that of package %s", path, local.Name, dir)
				}
			}
		}
	}
}

// packagesBelow parses the files of each folder, tests aside.
func packagesBelow(t *testing.T, root string) map[string]map[string]*ast.File {
	t.Helper()
	packages := map[string]map[string]*ast.File{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir := filepath.Dir(path)
		if packages[dir] == nil {
			packages[dir] = map[string]*ast.File{}
		}
		packages[dir][path] = file
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(packages) < 10 {
		t.Fatalf("%d packages below %s: this test looks in the wrong place", len(packages), root)
	}
	return packages
}

func packageNames(file *ast.File) []string {
	var names []string
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Recv == nil {
				names = append(names, decl.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names = append(names, spec.Name.Name)
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						names = append(names, name.Name)
					}
				}
			}
		}
	}
	return names
}

// localNames are the names that functions declare: receivers, parameters, results and variables.
func localNames(file *ast.File) []*ast.Ident {
	var names []*ast.Ident
	fields := func(list *ast.FieldList) {
		if list == nil {
			return
		}
		for _, field := range list.List {
			names = append(names, field.Names...)
		}
	}
	define := func(exprs ...ast.Expr) {
		for _, expr := range exprs {
			if name, ok := expr.(*ast.Ident); ok && name.Name != "_" {
				names = append(names, name)
			}
		}
	}
	for _, decl := range file.Decls {
		function, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		fields(function.Recv)
		ast.Inspect(function, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.FuncType:
				fields(node.Params)
				fields(node.Results)
			case *ast.AssignStmt:
				if node.Tok == token.DEFINE {
					define(node.Lhs...)
				}
			case *ast.RangeStmt:
				if node.Tok == token.DEFINE {
					define(node.Key, node.Value)
				}
			case *ast.ValueSpec:
				names = append(names, node.Names...)
			}
			return true
		})
	}
	return names
}
