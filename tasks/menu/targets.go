package menu

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
)

// Target is what may follow a target's name on the command line.
type Target struct {
	Words []string // positional arguments, in their order
	Flags []Flag
}

// Flag is a flag of a target: -name=VALUE, or -name alone where it is a switch.
type Flag struct {
	Name string // as the help writes it, without the dash
	Type string // bool, int, string or time.Duration
}

// targets are those of the magefile that [Check] has read, by the name that a user types.
var targets map[string]Target

// Read learns the targets from the magefile's source by Mage's own rules: a target is an exported function, or an
// exported method of a namespace. Its arguments are words, its pointers are flags; a context is neither.
func Read(magefile string) (map[string]Target, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "magefile.go", magefile, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("reading the targets: %w", err)
	}
	found := map[string]Target{}
	for _, decl := range file.Decls {
		if function, ok := decl.(*ast.FuncDecl); ok && function.Name.IsExported() {
			found[targetName(function)] = targetOf(function.Type.Params)
		}
	}
	return found, nil
}

// targetName is namespace:method or the function's name, each as Mage writes it.
func targetName(function *ast.FuncDecl) string {
	name := lowerFirst(function.Name.Name)
	if function.Recv == nil {
		return name
	}
	return lowerFirst(typeName(function.Recv.List[0].Type)) + ":" + name
}

func targetOf(parameters *ast.FieldList) Target {
	var target Target
	for _, field := range parameters.List {
		pointer, optional := field.Type.(*ast.StarExpr)
		for _, name := range field.Names {
			switch {
			case optional:
				target.Flags = append(target.Flags, Flag{name.Name, typeName(pointer.X)})
			case typeName(field.Type) != "context.Context":
				target.Words = append(target.Words, name.Name)
			}
		}
	}
	return target
}

// typeName is the name of a type, with its package if it has one: string, time.Duration.
func typeName(expr ast.Expr) string {
	switch expr := expr.(type) {
	case *ast.Ident:
		return expr.Name
	case *ast.SelectorExpr:
		return typeName(expr.X) + "." + expr.Sel.Name
	}
	return ""
}

// lowerFirst writes a name as Mage does: pullSecret for PullSecret, ecr for ECR.
func lowerFirst(name string) string {
	if strings.ToUpper(name) == name {
		return strings.ToLower(name)
	}
	return strings.ToLower(name[:1]) + name[1:]
}

// lookUp finds a target by its name in any case, as Mage does.
func lookUp(word string) (Target, bool) {
	for name, target := range targets {
		if strings.EqualFold(name, word) {
			return target, true
		}
	}
	return Target{}, false
}
