package s3

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

const maxPolicy = 20 << 10 // bytes

// policy is a bucket policy, as far as S3 looks at it when it is put (IAM User Guide, "Grammar of the
// IAM JSON policy language").
type policy struct {
	Version   string
	ID        string `json:"Id"`
	Statement statements
}

type statement struct {
	Sid                     string
	Effect                  string
	Principal, NotPrincipal any
	Action, NotAction       oneOrMany
	Resource, NotResource   oneOrMany
	Condition               map[string]map[string]any
}

// statements may be written without the list.
type statements []statement

// UnmarshalJSON implements [json.Unmarshaler].
func (s *statements) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		*s = make(statements, 1)
		return strictJSON(data, &(*s)[0])
	}
	return strictJSON(data, (*[]statement)(s))
}

type oneOrMany []string

// UnmarshalJSON implements [json.Unmarshaler].
func (o *oneOrMany) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte(`"`)) {
		*o = make(oneOrMany, 1)
		return json.Unmarshal(data, &(*o)[0])
	}
	return json.Unmarshal(data, (*[]string)(o))
}

func strictJSON(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

func parsePolicy(data []byte, bucket string) (*policy, error) {
	if len(data) > maxPolicy {
		return nil, errInvalidArgument.says("Bucket policy exceeds the maximum allowed document size.")
	}
	if !json.Valid(data) || data[0] != '{' {
		return nil, errMalformedPolicy
	}
	var p policy
	if err := strictJSON(data, &p); err != nil {
		return nil, errMalformedPolicy.says("Invalid policy syntax: %v.", err)
	}
	if !slices.Contains([]string{"", "2012-10-17", "2008-10-17"}, p.Version) {
		return nil, errMalformedPolicy.says("The policy must contain a valid version string")
	}
	if len(p.Statement) == 0 {
		return nil, errMalformedPolicy.says("Missing required field Statement")
	}
	for _, st := range p.Statement {
		if err := st.check(bucket); err != nil {
			return nil, err
		}
	}
	return &p, nil
}

func (st statement) check(bucket string) error {
	for _, field := range []struct {
		name  string
		given bool
	}{
		{"Effect", st.Effect != ""},
		{"Principal", st.Principal != nil || st.NotPrincipal != nil},
		{"Action", len(st.Action)+len(st.NotAction) > 0},
		{"Resource", len(st.Resource)+len(st.NotResource) > 0},
	} {
		if !field.given {
			return errMalformedPolicy.says("Missing required field %s", field.name)
		}
	}
	if st.Effect != "Allow" && st.Effect != "Deny" {
		return errMalformedPolicy.says("Invalid effect: %s", st.Effect)
	}
	if p, ok := st.Principal.(string); ok && p != "*" {
		return errMalformedPolicy.says("Invalid principal in policy")
	}
	for _, action := range slices.Concat(st.Action, st.NotAction) {
		if action != "*" && !strings.HasPrefix(strings.ToLower(action), "s3:") {
			return errMalformedPolicy.says("Policy has invalid action")
		}
	}
	for _, resource := range slices.Concat(st.Resource, st.NotResource) {
		name, path, _ := strings.Cut(resource, "/")
		if name != "arn:aws:s3:::"+bucket && (name != "*" || path != "") {
			return errMalformedPolicy.says("Policy has invalid resource")
		}
	}
	return nil
}

// public says whether the policy lets everybody in: an Allow for every principal with no condition. S3
// also looks into conditions; here any condition counts as one that narrows.
func (p *policy) public() bool {
	return slices.ContainsFunc(p.Statement, func(st statement) bool {
		return st.Effect == "Allow" && len(st.Condition) == 0 && (st.NotPrincipal != nil || everybody(st.Principal))
	})
}

func everybody(principal any) bool {
	switch p := principal.(type) {
	case string:
		return p == "*"
	case []any:
		return slices.ContainsFunc(p, everybody)
	case map[string]any:
		return everybody(p["AWS"])
	}
	return false
}
