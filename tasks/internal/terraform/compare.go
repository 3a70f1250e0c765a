package terraform

import (
	"bytes"
	"encoding/json"
	"fmt"
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
