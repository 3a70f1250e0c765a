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

// compare lists the values that a change makes different, by path. JSON in a string, as policies are, is looked into.
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

func (c comparison) walk(path []string, old, new side) {
	hidden := old.sensitive == true || new.sensitive == true
	old.value, new.value = opened(old.value, new.value, hidden), opened(new.value, old.value, hidden)
	switch {
	case new.unknown != true && same(old.value, new.value) && !some(new.unknown):
		return
	case !hidden && new.unknown != true && branches(old.value, new.value):
		for _, key := range keys(old, new) {
			c.walk(append(slices.Clone(path), key), old.at(key), new.at(key))
		}
		return
	}
	hidden = hidden || some(old.sensitive) || some(new.sensitive)
	c.found(Attribute{Path: join(path), Old: show(old, hidden), New: show(new, hidden), Replaces: c.replaces(path)})
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

// keys are those of both sides. Lists come here only when they are of one length.
func keys(old, new side) []string {
	if list, ok := old.value.([]any); ok {
		var names []string
		for i := range list {
			names = append(names, fmt.Sprintf("[%d]", i))
		}
		return names
	}
	all := map[string]bool{}
	for _, tree := range []any{old.value, new.value, new.unknown} {
		if tree, ok := tree.(map[string]any); ok {
			for name := range tree {
				all[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func (s side) at(key string) side {
	return side{part(s.value, key), part(s.unknown, key), part(s.sensitive, key)}
}

// part is what a tree holds at a key. What holds for all of a tree holds for its parts.
func part(tree any, key string) any {
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

func join(path []string) string {
	return strings.ReplaceAll(strings.Join(path, "."), ".[", "[")
}

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
