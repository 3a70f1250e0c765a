package settings

import (
	"errors"
	"fmt"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// lengthFunc counts the characters of a string too, unlike cty's.
var lengthFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType}},
	Type:   function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		typ := args[0].Type()
		switch {
		case typ == cty.String:
			return stdlib.Strlen(args[0])
		case typ.IsObjectType():
			return cty.NumberIntVal(int64(len(typ.AttributeTypes()))), nil
		case typ.IsTupleType(), typ.IsCollectionType():
			return args[0].Length(), nil
		default:
			return cty.NilVal, errors.New("argument must be a string, a collection type, or a structural type")
		}
	},
})

// coalesceFunc passes over empty strings too, unlike cty's.
var coalesceFunc = function.New(&function.Spec{
	VarParam: &function.Parameter{Name: "vals", Type: cty.DynamicPseudoType, AllowNull: true, AllowDynamicType: true},
	Type: func(args []cty.Value) (cty.Type, error) {
		types := make([]cty.Type, len(args))
		for i, arg := range args {
			types[i] = arg.Type()
		}
		typ, _ := convert.UnifyUnsafe(types)
		if typ == cty.NilType {
			return cty.NilType, errors.New("all arguments must have the same type")
		}
		return typ, nil
	},
	Impl: func(args []cty.Value, typ cty.Type) (cty.Value, error) {
		for _, arg := range args {
			val, err := convert.Convert(arg, typ)
			if err != nil {
				return cty.NilVal, err
			}
			if !val.IsNull() && (typ != cty.String || val.AsString() != "") {
				return val, nil
			}
		}
		return cty.NilVal, errors.New("no non-null, non-empty-string arguments")
	},
})

// lookupFunc takes the default as an option, unlike cty's.
var lookupFunc = function.New(&function.Spec{
	Params:   []function.Parameter{{Name: "inputMap", Type: cty.DynamicPseudoType}, {Name: "key", Type: cty.String}},
	VarParam: &function.Parameter{Name: "default", Type: cty.DynamicPseudoType, AllowNull: true, AllowDynamicType: true},
	Type: func(args []cty.Value) (cty.Type, error) {
		val, err := lookup(args)
		return val.Type(), err
	},
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return lookup(args) },
})

func lookup(args []cty.Value) (cty.Value, error) {
	from, key := args[0], args[1].AsString()
	switch typ := from.Type(); {
	case len(args) > 3:
		return cty.DynamicVal, fmt.Errorf("want a map, a key and at most one default, found %d arguments", len(args))
	case !typ.IsMapType() && !typ.IsObjectType():
		return cty.DynamicVal, errors.New("lookup() requires a map as the first argument")
	case typ.IsObjectType() && typ.HasAttribute(key):
		return from.GetAttr(key), nil
	case typ.IsMapType() && from.HasIndex(args[1]).True():
		return from.Index(args[1]), nil
	case len(args) < 3:
		return cty.DynamicVal, fmt.Errorf("the given object has no attribute %q", key)
	case typ.IsMapType():
		return convert.Convert(args[2], typ.ElementType())
	}
	return args[2], nil
}

// replaceFunc takes a pattern between slashes for a regular expression, unlike cty's.
var replaceFunc = function.New(&function.Spec{
	Params: []function.Parameter{
		{Name: "str", Type: cty.String},
		{Name: "substr", Type: cty.String},
		{Name: "replace", Type: cty.String},
	},
	Type: function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		pattern := args[1].AsString()
		if len(pattern) > 1 && pattern[0] == '/' && pattern[len(pattern)-1] == '/' {
			return stdlib.RegexReplace(args[0], cty.StringVal(pattern[1:len(pattern)-1]), args[2])
		}
		return stdlib.Replace(args[0], args[1], args[2])
	},
})
