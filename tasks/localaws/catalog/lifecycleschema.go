package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// shape is what the schema of lifecycle policies says of one object. ECR's messages are those of a JSON schema validator.
type shape struct{ required, optional []string }

var (
	policyShape    = shape{required: []string{"rules"}}
	ruleShape      = shape{required: []string{"action", "rulePriority", "selection"}, optional: []string{"description"}}
	actionShape    = shape{required: []string{"type"}, optional: []string{"targetStorageClass"}}
	selectionShape = shape{
		required: []string{"countNumber", "countType", "tagStatus"},
		optional: []string{"countUnit", "storageClass", "tagPatternList", "tagPrefixList"},
	}
)

// noSchema is what ECR says of members that are fine one by one and do not go together, null ones among them.
const noSchema = "instance failed to match exactly one schema (matched 0 out of 2)"

// members checks an object and returns its members.
func (s shape) members(raw json.RawMessage) (map[string]json.RawMessage, error) {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil || object == nil {
		return nil, invalidLifecycle(`instance type does not match any allowed primitive type (allowed: ["object"])`)
	}
	var missing, unknown []string
	for _, name := range s.required {
		if _, there := object[name]; !there {
			missing = append(missing, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		switch {
		case !slices.Contains(s.required, name) && !slices.Contains(s.optional, name):
			unknown = append(unknown, name)
		case bytes.Equal(bytes.TrimSpace(object[name]), []byte("null")):
			return nil, invalidLifecycle(noSchema)
		}
	}
	if missing != nil {
		return nil, invalidLifecycle("object has missing required properties (%s)", quoted(missing))
	}
	if unknown != nil {
		return nil, invalidLifecycle("object instance has properties which are not allowed by the schema: (%s)", quoted(unknown))
	}
	return object, nil
}

// readRule decodes a rule that has the members of one.
func readRule(raw json.RawMessage) (LifecycleRule, error) {
	rule := LifecycleRule{}
	parts, err := ruleShape.members(raw)
	if err != nil {
		return rule, err
	}
	if _, err := selectionShape.members(parts["selection"]); err != nil {
		return rule, err
	}
	if _, err := actionShape.members(parts["action"]); err != nil {
		return rule, err
	}
	err = json.Unmarshal(raw, &rule)
	if kind := (*json.UnmarshalTypeError)(nil); errors.As(err, &kind) {
		return rule, invalidLifecycle("instance type (%s) does not match any allowed primitive type at %s", kind.Value, kind.Field)
	}
	if err != nil {
		return rule, fmt.Errorf("reading a lifecycle rule: %w", err)
	}
	return rule, nil
}

func quoted(names []string) string { return `["` + strings.Join(names, `","`) + `"]` }
