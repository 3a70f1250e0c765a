package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// tlsSid names the statement that is added here.
const tlsSid = "DenyInsecureTransport"

// denyPlainHTTP adds to a bucket policy, which may be empty, a statement that denies all requests without TLS, unless it
// has that statement. It keeps the rest of the policy word for word.
func denyPlainHTTP(policy string, b Bucket) (result string, changed bool, err error) {
	document, statements, err := parsePolicy(policy)
	if err != nil {
		return "", false, fmt.Errorf("reading its policy: %w", err)
	}
	taken := map[any]bool{} // the names of its statements: S3 refuses a name twice
	for _, raw := range statements {
		var present map[string]any
		if json.Unmarshal(raw, &present) != nil {
			continue // a form of statement that is not known here is not the one looked for
		}
		sid := present["Sid"]
		taken[sid] = true
		if delete(present, "Sid"); reflect.DeepEqual(present, tlsStatement(b)) {
			return policy, false, nil
		}
	}
	add := tlsStatement(b)
	add["Sid"] = tlsSid
	for i := 2; taken[add["Sid"]]; i++ {
		add["Sid"] = fmt.Sprint(tlsSid, i)
	}
	added, err := json.Marshal(add)
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

// tlsStatement is the statement without a name, in the types of encoding/json.
func tlsStatement(b Bucket) map[string]any {
	bucket := "arn:" + Partition(b.Region) + ":s3:::" + b.Name
	return map[string]any{
		"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": []any{bucket, bucket + "/*"},
		"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
	}
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
