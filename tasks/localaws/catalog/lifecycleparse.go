package catalog

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// LifecyclePolicy is a policy that ECR would accept. Its rules are in the order of their priority, most urgent first.
type LifecyclePolicy struct {
	Text  string
	Rules []LifecycleRule
}

// LifecycleRule is one rule, with the names of the user guide (lifecycle_policy_parameters).
type LifecycleRule struct {
	Priority    int                `json:"rulePriority"`
	Description string             `json:"description"`
	Selection   LifecycleSelection `json:"selection"`
	Action      LifecycleAction    `json:"action"`
}

// LifecycleSelection says which images a rule is about.
type LifecycleSelection struct {
	TagStatus    string   `json:"tagStatus"` // tagged, untagged or any
	TagPrefixes  []string `json:"tagPrefixList"`
	TagPatterns  []string `json:"tagPatternList"`
	StorageClass string   `json:"storageClass"` // standard, archive, or "" for standard
	CountType    string   `json:"countType"`
	CountUnit    string   `json:"countUnit"`
	CountNumber  int      `json:"countNumber"`
}

// LifecycleAction says what happens to them.
type LifecycleAction struct {
	Type               string `json:"type"` // expire or transition
	TargetStorageClass string `json:"targetStorageClass"`
}

// ParseLifecycle checks a policy by the rules of the user guide, lifecycle_policy_parameters.
func ParseLifecycle(text string) (LifecyclePolicy, error) {
	const parameter = "lifecyclePolicyText"
	if len(text) < 100 {
		return LifecyclePolicy{}, Invalid(parameter, "Member must have length greater than or equal to 100")
	}
	if len(text) > 30720 {
		return LifecyclePolicy{}, Invalid(parameter, "Member must have length less than or equal to 30720")
	}
	if !json.Valid([]byte(text)) {
		return LifecyclePolicy{}, invalidLifecycle("Could not map policyString into LifecyclePolicy.")
	}
	outer, err := policyShape.members(json.RawMessage(text))
	if err != nil {
		return LifecyclePolicy{}, err
	}
	var rules []json.RawMessage
	if err := json.Unmarshal(outer["rules"], &rules); err != nil {
		return LifecyclePolicy{}, invalidLifecycle(`instance type does not match any allowed primitive type (allowed: ["array"])`)
	}
	if len(rules) == 0 || len(rules) > 50 {
		return LifecyclePolicy{}, invalidLifecycle("a policy has 1 to 50 rules, this one %d", len(rules))
	}
	return parseRules(rules)
}

func parseRules(raws []json.RawMessage) (LifecyclePolicy, error) {
	type pairing struct {
		rule LifecycleRule
		raw  json.RawMessage
	}
	all := make([]pairing, len(raws))
	for i, raw := range raws {
		rule, err := readRule(raw)
		if err == nil {
			err = rule.check()
		}
		if err != nil {
			return LifecyclePolicy{}, err
		}
		all[i] = pairing{rule, raw}
	}
	slices.SortStableFunc(all, func(a, b pairing) int { return cmp.Compare(a.rule.Priority, b.rule.Priority) })
	policy := LifecyclePolicy{}
	ordered := make([]json.RawMessage, len(all))
	for i, one := range all {
		policy.Rules, ordered[i] = append(policy.Rules, one.rule), one.raw
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out) // compacts, and leaves <, > and & as they are
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(map[string]any{"rules": ordered}); err != nil {
		return LifecyclePolicy{}, fmt.Errorf("ordering lifecycle rules: %w", err)
	}
	policy.Text = strings.TrimSpace(out.String())
	return policy, policy.checkOrder()
}

func invalidLifecycle(format string, args ...any) *Error {
	return Invalid("LifecyclePolicyText", "Lifecycle policy validation failure: "+format, args...)
}
