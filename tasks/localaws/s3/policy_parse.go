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
	Statement oneOrMany[statement]
}

type statement struct {
	Sid                     string
	Effect                  string
	Principal, NotPrincipal any
	Action, NotAction       oneOrMany[string]
	Resource, NotResource   oneOrMany[string]
	Condition               map[string]map[string]any
}

// oneOrMany is a list that may be written without brackets if it has one element.
type oneOrMany[T any] []T

// UnmarshalJSON implements [json.Unmarshaler].
func (o *oneOrMany[T]) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(data, []byte("[")) {
		data = slices.Concat([]byte("["), data, []byte("]"))
	}
	return strictJSON(data, (*[]T)(o))
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
		if wrong := st.check(bucket); wrong != "" {
			return nil, errMalformedPolicy.says("%s", wrong)
		}
	}
	return &p, nil
}

// check says what S3 does not accept in a statement, "" if it accepts it.
func (st statement) check(bucket string) (wrong string) {
	principal, named := st.Principal.(string)
	actions, resources := slices.Concat(st.Action, st.NotAction), slices.Concat(st.Resource, st.NotResource)
	switch {
	case st.Effect != "Allow" && st.Effect != "Deny":
		return "Invalid effect: " + st.Effect
	case st.Principal == nil && st.NotPrincipal == nil:
		return "Missing required field Principal"
	case named && principal != "*":
		return "Invalid principal in policy"
	case len(actions) == 0:
		return "Missing required field Action"
	case len(resources) == 0:
		return "Missing required field Resource"
	}
	for _, action := range actions {
		if action != "*" && !strings.HasPrefix(strings.ToLower(action), "s3:") {
			return "Policy has invalid action"
		}
	}
	for _, resource := range resources {
		name, path, _ := strings.Cut(resource, "/")
		if name != "arn:aws:s3:::"+bucket && (name != "*" || path != "") {
			return "Policy has invalid resource"
		}
	}
	return ""
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
