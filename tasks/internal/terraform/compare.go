package terraform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// What stands in place of a value.
const (
	absent    = "(none)"
	unknown   = "(known after apply)"
	sensitive = "(sensitive)"
)

// compare lists the values that a change makes different. JSON in a string, as policies are, is looked into.
func compare(c *tfjson.Change) []Attribute {
	var list []Attribute
	both := comparison{replaces: replaces(c.ReplacePaths), found: func(a Attribute) { list = append(list, a) }}
	both.walk(nil, side{c.Before, nil, c.BeforeSensitive}, side{c.After, c.AfterUnknown, c.AfterSensitive})
	return list
}

// side is a value, and what is unknown and sensitive of it: true, or a tree of the same shape.
type side struct{ value, unknown, sensitive any }

type comparison struct {
	replaces func(path []string) bool
	found    func(Attribute)
}

func (c comparison) walk(path []string, before, after side) {
	hidden := before.sensitive == true || after.sensitive == true
	before.value, after.value = opened(before.value, after.value, hidden), opened(after.value, before.value, hidden)
	switch {
	case after.unknown != true && same(before.value, after.value) && !some(after.unknown):
		return
	case !hidden && after.unknown != true && branches(before.value, after.value):
		for _, key := range keys(before, after) {
			c.walk(append(slices.Clone(path), key), before.at(key), after.at(key))
		}
		return
	}
	hidden = hidden || some(before.sensitive) || some(after.sensitive)
	c.found(Attribute{Path: join(path), Old: show(before, hidden), New: show(after, hidden), Replaces: c.replaces(path)})
}

func show(s side, hidden bool) string {
	switch {
	case s.unknown == true, s.value == nil && some(s.unknown):
		return unknown
	case s.value == nil:
		return absent
	case hidden:
		return sensitive
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s.value); err != nil {
		return fmt.Sprint(s.value)
	}
	return strings.TrimSpace(text.String())
}

func join(path []string) string { return strings.ReplaceAll(strings.Join(path, "."), ".[", "[") }

// replaces tells whether a path is, or lies within, one that forces a replacement.
func replaces(paths []any) func([]string) bool {
	var prefixes []string
	for _, path := range paths {
		steps, _ := path.([]any)
		var words []string
		for _, step := range steps {
			if n, ok := step.(float64); ok {
				words = append(words, fmt.Sprintf("[%d]", int(n)))
			} else {
				words = append(words, fmt.Sprint(step))
			}
		}
		prefixes = append(prefixes, join(words))
	}
	return func(path []string) bool {
		text := join(path)
		return slices.ContainsFunc(prefixes, func(prefix string) bool {
			rest, ok := strings.CutPrefix(text, prefix)
			return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
		})
	}
}

// opened is the JSON inside a string, if the other side has some too.
func opened(value, other any, hidden bool) any {
	mine, ok := document(value)
	_, theirs := document(other)
	if !ok || !theirs || hidden {
		return value
	}
	return mine
}

func document(value any) (any, bool) {
	text, ok := value.(string)
	if !ok || !strings.HasPrefix(strings.TrimSpace(text), "{") && !strings.HasPrefix(strings.TrimSpace(text), "[") {
		return nil, false
	}
	var inside any
	err := json.Unmarshal([]byte(text), &inside)
	return inside, err == nil && inside != nil
}

// same takes nothing and an empty value for the same: providers do not tell them apart.
func same(a, b any) bool { return reflect.DeepEqual(a, b) || empty(a) && empty(b) }

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// some tells whether anything within a tree of marks is marked.
func some(marks any) bool {
	switch marks := marks.(type) {
	case bool:
		return marks
	case []any:
		return slices.ContainsFunc(marks, some)
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(marks)), some)
	}
	return false
}

// branches tells whether two values are best compared by what is in them.
func branches(a, b any) bool {
	_, oldMap := a.(map[string]any)
	_, newMap := b.(map[string]any)
	oldList, isList := a.([]any)
	newList, areLists := b.([]any)
	return oldMap && newMap || isList && areLists && len(oldList) == len(newList)
}

func keys(before, after side) []string {
	if list, ok := before.value.([]any); ok {
		var names []string
		for i := range list {
			names = append(names, fmt.Sprintf("[%d]", i))
		}
		return names
	}
	all := map[string]bool{}
	for _, tree := range []any{before.value, after.value, after.unknown} {
		if tree, ok := tree.(map[string]any); ok {
			for name := range tree {
				all[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func (s side) at(key string) side {
	return side{valueAt(s.value, key), valueAt(s.unknown, key), valueAt(s.sensitive, key)}
}

// valueAt is what a tree holds at a key. A mark of all of a tree marks its parts.
func valueAt(tree any, key string) any {
	switch tree := tree.(type) {
	case bool:
		return tree
	case map[string]any:
		return tree[key]
	case []any:
		var i int
		if _, err := fmt.Sscanf(key, "[%d]", &i); err == nil && i < len(tree) {
			return tree[i]
		}
	}
	return nil
}
