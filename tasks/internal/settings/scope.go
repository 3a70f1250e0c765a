package settings

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// scope evaluates the locals of one file when they are asked for: a local that no setting needs may refer to whatever
// Terraform knows and this package does not.
type scope struct {
	file   *file
	attrs  map[string]*hclsyntax.Attribute
	values map[string]cty.Value
	failed map[string]bool // its fault is told, and is not told again by those who refer to it

	environment string          // the value of var.environment
	own         map[string]item // what the environment sets itself, in place of locals
}

func newScope(f *file, environment string) *scope {
	s := &scope{
		file: f, attrs: map[string]*hclsyntax.Attribute{}, values: map[string]cty.Value{},
		failed: map[string]bool{}, environment: environment, own: map[string]item{},
	}
	for _, block := range f.blocks("locals") {
		for name, attr := range block.Body.Attributes {
			if first, twice := s.attrs[name]; twice {
				f.fault(attr.NameRange, "local.%s is defined twice: want one definition, found another on line %d", name,
					first.NameRange.Start.Line)
				continue
			}
			s.attrs[name] = attr
		}
	}
	s.findCycles()
	return s
}

// value evaluates a local. It is not ok where the local fails; the fault is then with the file.
func (s *scope) value(name string) (val cty.Value, ok bool) {
	if val, done := s.values[name]; done || s.failed[name] {
		return val, done
	}
	expr := s.attrs[name].Expr
	locals, ok := s.referred(expr)
	if ok {
		var diags hcl.Diagnostics
		variables := cty.ObjectVal(map[string]cty.Value{"environment": cty.StringVal(s.environment)})
		val, diags = expr.Value(&hcl.EvalContext{
			Variables: map[string]cty.Value{"local": cty.ObjectVal(locals), "var": variables},
			Functions: functions,
		})
		s.file.diagnose(diags)
		ok = !diags.HasErrors()
	}
	if s.failed[name] = !ok; ok {
		s.values[name] = val
	}
	return val, ok
}

func (s *scope) referred(expr hcl.Expression) (locals map[string]cty.Value, ok bool) {
	locals, ok = map[string]cty.Value{}, true
	for _, ref := range expr.Variables() {
		name, isLocal := localName(ref)
		switch {
		case text(ref) == "var.environment":
		case !isLocal:
			s.file.fault(ref.SourceRange(), "want a literal or local.NAME, found %s, which only Terraform knows", text(ref))
			ok = false
		case s.attrs[name] == nil:
			s.file.fault(ref.SourceRange(), "local.%s is not defined: want a local of this file%s", name, s.similar(name))
			ok = false
		default:
			val, fine := s.value(name)
			locals[name], ok = val, ok && fine
		}
	}
	return locals, ok
}

func (s *scope) findCycles() {
	done := map[string]bool{}
	var path []string
	var visit func(name string)
	visit = func(name string) {
		if i := slices.Index(path, name); i >= 0 {
			s.cycle(path[i:])
			return
		}
		if done[name] {
			return
		}
		path = append(path, name)
		for _, ref := range s.attrs[name].Expr.Variables() {
			if next, ok := localName(ref); ok && s.attrs[next] != nil {
				visit(next)
			}
		}
		path = path[:len(path)-1]
		done[name] = true
	}
	for _, name := range s.inOrder() {
		visit(name)
	}
}

func (s *scope) cycle(names []string) {
	for _, name := range names {
		s.failed[name] = true
	}
	round := "local." + strings.Join(append(slices.Clone(names), names[0]), " -> local.")
	s.file.fault(s.attrs[names[0]].NameRange, "local.%s is defined by itself: %s", names[0], round)
}

func (s *scope) inOrder() []string {
	return slices.SortedFunc(maps.Keys(s.attrs), func(a, b string) int {
		return s.attrs[a].NameRange.Start.Byte - s.attrs[b].NameRange.Start.Byte
	})
}

func (s *scope) similar(name string) string {
	if known := Nearest(name, s.inOrder()); known != "" {
		return "; did you mean local." + known
	}
	return ""
}

// localName is the NAME of a reference to local.NAME.
func localName(ref hcl.Traversal) (string, bool) {
	if ref.RootName() != "local" || len(ref) < 2 {
		return "", false
	}
	attr, ok := ref[1].(hcl.TraverseAttr)
	return attr.Name, ok
}

// text is a reference as it is written, up to its first index.
func text(ref hcl.Traversal) string {
	name := ref.RootName()
	for _, step := range ref[1:] {
		attr, ok := step.(hcl.TraverseAttr)
		if !ok {
			break
		}
		name += "." + attr.Name
	}
	return name
}
