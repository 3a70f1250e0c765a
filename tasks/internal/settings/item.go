package settings

import (
	"cmp"
	"fmt"
	"math/big"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// item is a value, what to call it, and where it is written.
type item struct {
	file *file
	name string // local.tags.Project
	val  cty.Value
	expr hcl.Expression
}

func (it item) fault(format string, args ...any) {
	it.file.fault(it.expr.Range(), "%s: %s", it.name, fmt.Sprintf(format, args...))
}

// text is the value of a string that keeps to the rule; the zero rule is none.
func (it item) text(r rule) string {
	if it.val.IsNull() || it.val.Type() != cty.String {
		it.fault("want %s, found %s", cmp.Or(r.want, "a string"), described(it.val))
		return ""
	}
	s := it.val.AsString()
	if r.pattern != nil && !r.pattern.MatchString(s) {
		it.fault("%s", r.broken(s))
	}
	return s
}

// texts are the strings of a list, at least one.
func (it item) texts(r rule) (all []string) {
	if it.val.IsNull() || !it.val.CanIterateElements() || it.val.Type().IsMapType() || it.val.Type().IsObjectType() ||
		it.val.LengthInt() == 0 {
		it.fault("want a list of strings, found %s", described(it.val))
		return nil
	}
	for _, val := range it.val.Elements() {
		all = append(all, item{it.file, it.name, val, it.expr}.text(r))
	}
	return all
}

// positive finds fault with what is no whole number of something, from 1 on.
func (it item) positive(what string) {
	if !it.val.IsNull() && it.val.Type() == cty.Number {
		if n, exact := it.val.AsBigFloat().Int64(); exact == big.Exact && n >= 1 && n <= 1<<31-1 {
			return
		}
	}
	it.fault("want a whole number of %s, 1 or more, found %s", what, described(it.val))
}

// entries are the values of a map or an object in the order of their keys, each with the line it stands on.
func (it item) entries(want string) (entries []keyedItem, ok bool) {
	if it.val.IsNull() || !it.val.CanIterateElements() || !it.val.Type().IsMapType() && !it.val.Type().IsObjectType() {
		it.fault("want %s, found %s", want, described(it.val))
		return nil, false
	}
	written := it.written()
	for key, val := range it.val.Elements() {
		child := item{file: it.file, name: it.name + "." + key.AsString(), val: val, expr: it.expr}
		if expr, ok := written[key.AsString()]; ok {
			child.expr = expr
		}
		entries = append(entries, keyedItem{key.AsString(), child})
	}
	return entries, true
}

type keyedItem struct {
	key string
	item
}

// written finds the expressions of an object's values, where it is not computed.
func (it item) written() map[string]hcl.Expression {
	pairs, diags := hcl.ExprMap(it.expr)
	if diags.HasErrors() {
		return nil
	}
	exprs := map[string]hcl.Expression{}
	for _, pair := range pairs {
		if key, diags := pair.Key.Value(nil); !diags.HasErrors() && key.Type() == cty.String && !key.IsNull() {
			exprs[key.AsString()] = pair.Value
		}
	}
	return exprs
}

func described(val cty.Value) string {
	switch {
	case val.IsNull():
		return "null"
	case val.Type() == cty.String:
		return fmt.Sprintf("%q", val.AsString())
	case val.Type() == cty.Number:
		return "the number " + val.AsBigFloat().Text('f', -1)
	case val.Type() == cty.Bool:
		return fmt.Sprint(val.True())
	case val.CanIterateElements() && val.LengthInt() == 0:
		return "an empty " + val.Type().FriendlyName()
	default:
		return "a value of type " + val.Type().FriendlyName()
	}
}
