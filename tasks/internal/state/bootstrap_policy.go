package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// sid names the statement that is added here.
const tlsSid = "DenyInsecureTransport"

// denyPlainHTTP adds to a bucket policy, which may be empty, a statement that denies whatever does not come
// over TLS, unless one does so already. It keeps the rest of the policy word for word.
func denyPlainHTTP(policy string, b Bucket) (result string, changed bool, err error) {
	document, statements, err := parsePolicy(policy)
	if err != nil {
		return "", false, fmt.Errorf("reading its policy: %w", err)
	}
	taken := map[string]bool{}
	for _, raw := range statements {
		var s statement
		if json.Unmarshal(raw, &s) != nil {
			continue // a form of statement that is not known here is not the one looked for
		}
		if s.deniesPlainHTTP(b.Name) {
			return policy, false, nil
		}
		taken[s.Sid] = true
	}
	added, err := json.Marshal(tlsStatement(b, freeSid(taken)))
	if err != nil {
		return "", false, err
	}
	if document["Statement"], err = json.Marshal(append(statements, added)); err != nil {
		return "", false, err
	}
	text, err := json.Marshal(document)
	return string(text), true, err
}

// parsePolicy takes a policy apart as far as statements can be added to it.
func parsePolicy(policy string) (document map[string]json.RawMessage, statements []json.RawMessage, err error) {
	if policy == "" {
		return map[string]json.RawMessage{"Version": json.RawMessage(`"2012-10-17"`)}, nil, nil
	}
	if err := json.Unmarshal([]byte(policy), &document); err != nil {
		return nil, nil, err
	}
	if document == nil {
		return nil, nil, errors.New("it is null")
	}
	statements, err = rawList(document["Statement"])
	return document, statements, err
}

func tlsStatement(b Bucket, sid string) any {
	bucket := "arn:" + Partition(b.Region) + ":s3:::" + b.Name
	return map[string]any{
		"Sid": sid, "Effect": "Deny", "Principal": "*", "Action": "s3:*",
		"Resource":  []string{bucket, bucket + "/*"},
		"Condition": map[string]any{"Bool": map[string]string{"aws:SecureTransport": "false"}},
	}
}

// freeSid is a name that no statement of the policy has; S3 refuses a name twice.
func freeSid(taken map[string]bool) string {
	free := tlsSid
	for i := 2; taken[free]; i++ {
		free = fmt.Sprint(tlsSid, i)
	}
	return free
}

// statement is what matters here of one statement. IAM takes one value for a list of one everywhere.
type statement struct {
	Sid, Effect string
	Principal   json.RawMessage
	Action      list
	Resource    list
	Condition   map[string]map[string]list
}

// deniesPlainHTTP reports whether the statement denies everybody every action on the bucket and its objects
// when, and only when, the request does not come over TLS.
func (s statement) deniesPlainHTTP(bucket string) bool {
	return s.Effect == "Deny" && everybody(s.Principal) &&
		(slices.Contains(s.Action, "s3:*") || slices.Contains(s.Action, "*")) &&
		s.covers(bucket) && s.covers(bucket+"/*") && s.onPlainHTTP()
}

func (s statement) covers(resource string) bool {
	return slices.ContainsFunc(s.Resource, func(arn string) bool {
		return arn == "*" || strings.HasPrefix(arn, "arn:") && strings.HasSuffix(arn, ":s3:::"+resource)
	})
}

func (s statement) onPlainHTTP() bool {
	for operator, keys := range s.Condition {
		for key, values := range keys {
			return len(s.Condition) == 1 && len(keys) == 1 && len(values) == 1 && strings.EqualFold(operator, "Bool") &&
				strings.EqualFold(key, "aws:SecureTransport") && strings.EqualFold(values[0], "false")
		}
	}
	return false
}

func everybody(principal json.RawMessage) bool {
	var name string
	if json.Unmarshal(principal, &name) == nil {
		return name == "*"
	}
	var byKind map[string]list
	return json.Unmarshal(principal, &byKind) == nil && slices.Contains(byKind["AWS"], "*")
}

// list is a JSON list of words, or one of them; true and false count as words.
type list []string

// UnmarshalJSON implements json.Unmarshaler.
func (l *list) UnmarshalJSON(text []byte) error {
	values, err := rawList(text)
	if err != nil {
		return err
	}
	for _, value := range values {
		var word any
		if err := json.Unmarshal(value, &word); err != nil {
			return err
		}
		*l = append(*l, fmt.Sprint(word))
	}
	return nil
}

// rawList is the values of a JSON list, or the one value that stands for it.
func rawList(text json.RawMessage) ([]json.RawMessage, error) {
	switch text = bytes.TrimSpace(text); {
	case len(text) == 0, string(text) == "null":
		return nil, nil
	case text[0] != '[':
		return []json.RawMessage{text}, nil
	}
	var values []json.RawMessage
	err := json.Unmarshal(text, &values)
	return values, err
}

// Partition is the part of AWS that a region is in, as ARNs name it.
func Partition(region string) string {
	for prefix, name := range map[string]string{
		"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b",
		"us-isof-": "aws-iso-f", "eu-isoe-": "aws-iso-e", "eusc-": "aws-eusc",
	} {
		if strings.HasPrefix(region, prefix) {
			return name
		}
	}
	return "aws"
}
