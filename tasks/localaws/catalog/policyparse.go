package catalog

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// statement is one of a repository policy, by the grammar of IAM's JSON policies (IAM User Guide,
// reference_policies_grammar) but without a Resource, which ECR refuses (awsdocs/amazon-ecr-user-guide #20).
type statement struct {
	Sid                     string
	Effect                  string
	Principal, NotPrincipal principals
	Action, NotAction       texts
	Condition               map[string]map[string]any
}

// texts is one text or a list of them.
type texts []string

func (t *texts) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*t = texts{one}
		return nil
	}
	if json.Unmarshal(raw, (*[]string)(t)) != nil || len(*t) == 0 {
		return fmt.Errorf("%s is no text and no list of texts", raw)
	}
	return nil
}

// principals are by their kind: AWS, Service, Federated or CanonicalUser. "*" stands for {"AWS": "*"}.
type principals map[string]texts

func (p *principals) UnmarshalJSON(raw []byte) error {
	if string(raw) == `"*"` {
		*p = principals{"AWS": texts{"*"}}
		return nil
	}
	return json.Unmarshal(raw, (*map[string]texts)(p))
}

// parsePolicy returns the statements of a repository policy, and whether it is one.
func parsePolicy(text string) ([]statement, bool) {
	var policy struct {
		Version   *string
		ID        *string
		Statement json.RawMessage
	}
	if !strictly([]byte(text), &policy) ||
		policy.Version != nil && !slices.Contains([]string{"2012-10-17", "2008-10-17"}, *policy.Version) {
		return nil, false
	}
	all := make([]statement, 1)
	if !strictly(policy.Statement, &all[0]) && !strictly(policy.Statement, &all) {
		return nil, false
	}
	names := map[string]bool{}
	for _, s := range all {
		if !s.valid() || s.Sid != "" && names[s.Sid] {
			return nil, false
		}
		names[s.Sid] = true
	}
	return all, len(all) > 0
}

func strictly(raw []byte, v any) bool {
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.DisallowUnknownFields()
	return decoder.Decode(v) == nil && !decoder.More()
}

func (s statement) valid() bool {
	if s.Effect != "Allow" && s.Effect != "Deny" || (s.Principal == nil) == (s.NotPrincipal == nil) ||
		(s.Action == nil) == (s.NotAction == nil) {
		return false
	}
	for _, action := range slices.Concat(s.Action, s.NotAction) {
		if action != "*" && !strings.HasPrefix(strings.ToLower(action), "ecr:") {
			return false
		}
	}
	for operator := range s.Condition {
		if !conditionOperator.MatchString(operator) {
			return false
		}
	}
	return s.Principal.valid() && s.NotPrincipal.valid()
}

// conditionOperator is one of those of IAM (User Guide, reference_policies_elements_condition_operators).
var conditionOperator = regexp.MustCompile(`(?i)^((ForAllValues|ForAnyValue):)?` +
	`((String(Not)?(Equals(IgnoreCase)?|Like)|(Numeric|Date)((Not)?Equals|(Less|Greater)Than(Equals)?)|Bool|` +
	`BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like))(IfExists)?|Null)$`)

// principalForms say what a principal of a kind looks like (IAM User Guide, reference_policies_elements_principal). A
// wildcard within an ARN is refused (hashicorp/terraform-provider-aws #3924).
var principalForms = map[string]*regexp.Regexp{
	"AWS": regexp.MustCompile(`^(\*|[0-9]{12}|arn:aws[a-z-]*:iam::[0-9]{12}:(root|(user|role)/[\w+=,.@/-]+)|` +
		`arn:aws[a-z-]*:sts::[0-9]{12}:(assumed-role|federated-user)/[\w+=,.@/-]+)$`),
	"Service":       regexp.MustCompile(`^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$`),
	"Federated":     regexp.MustCompile(`.`),
	"CanonicalUser": regexp.MustCompile(`^[0-9a-f]{64}$`),
}

func (p principals) valid() bool {
	for kind, names := range p {
		form := principalForms[kind]
		if form == nil || slices.ContainsFunc(names, func(name string) bool { return !form.MatchString(name) }) {
			return false
		}
	}
	return p == nil || len(p) > 0
}

// locksOut reports whether a statement denies the caller, who is the account's one user, to set a policy whatever the
// circumstances are.
func (r *Registry) locksOut(s statement) bool {
	iam := fmt.Sprintf("arn:%s:iam::%s:", partition(r.region), r.Account())
	callers := []string{"*", r.Account(), iam + "root", iam + "user/local"}
	isCaller := func(name string) bool { return slices.Contains(callers, name) }
	isSetting := func(action string) bool {
		return matchWildcard(strings.ToLower(action), "ecr:setrepositorypolicy")
	}
	if s.Effect != "Deny" || len(s.Condition) > 0 {
		return false
	}
	named := slices.ContainsFunc(s.Principal["AWS"], isCaller) ||
		s.NotPrincipal != nil && !slices.ContainsFunc(s.NotPrincipal["AWS"], isCaller)
	return named && (slices.ContainsFunc(s.Action, isSetting) ||
		s.NotAction != nil && !slices.ContainsFunc(s.NotAction, isSetting))
}
