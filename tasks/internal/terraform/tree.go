package terraform

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

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

// part is what a tree holds at a key. What holds for all of a tree holds for its parts.
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
