package state

import (
	"encoding/json"
	"strings"
	"testing"
)

// ours is the statement that is added, as one policy's.
const ours = `{"Sid":"DenyInsecureTransport","Effect":"Deny","Principal":"*","Action":"s3:*",` +
	`"Resource":["arn:aws:s3:::demo","arn:aws:s3:::demo/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`

// What is not the statement itself is no reason to leave it out.
func TestDenyPlainHTTPAdoptsItsStatement(t *testing.T) {
	tests := map[string]struct {
		old, new string // in the statement above
		want     bool   // adopted
	}{
		"as it is":            {"", "", true},
		"another name":        {"DenyInsecureTransport", "TLS", true},
		"no name":             {`"Sid":"DenyInsecureTransport",`, "", true},
		"an Allow":            {`"Deny"`, `"Allow"`, false},
		"one principal":       {`"Principal":"*"`, `"Principal":{"AWS":"arn:aws:iam::1:root"}`, false},
		"some actions":        {`"s3:*"`, `"s3:Get*"`, false},
		"objects only":        {`["arn:aws:s3:::demo","arn:aws:s3:::demo/*"]`, `"arn:aws:s3:::demo/*"`, false},
		"another bucket":      {"arn:aws:s3:::demo/*", "arn:aws:s3:::other/*", false},
		"when TLS is used":    {`"false"`, `"true"`, false},
		"a further condition": {`"Bool":`, `"StringEquals":{"aws:PrincipalAccount":"1"},"Bool":`, false},
		"a further key": {
			`{"aws:SecureTransport"`, `{"aws:MultiFactorAuthPresent":"false","aws:SecureTransport"`,
			false,
		},
		"no condition":      {`,"Condition":{"Bool":{"aws:SecureTransport":"false"}}`, "", false},
		"not these actions": {`"Action"`, `"NotAction"`, false},
		"no principal":      {`"Principal":"*",`, "", false},
		"unknown form":      {`"s3:*"`, `"s3:*","Effect":7`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			statement := strings.Replace(ours, test.old, test.new, 1)
			for _, policy := range []string{`{"Statement":[` + statement + `]}`, `{"Statement":` + statement + `}`} {
				result, changed, err := denyPlainHTTP(policy, demo)
				if err != nil || changed == test.want {
					t.Fatalf("denyPlainHTTP(%s) = %s, changed %v, %v, want it adopted: %v", policy, result, changed, err, test.want)
				}
				if _, again, err := denyPlainHTTP(result, demo); again || err != nil {
					t.Errorf("its own result is changed again, %v: %s", err, result)
				}
			}
		})
	}
}

func TestDenyPlainHTTPKeepsTheRest(t *testing.T) {
	policy := `{"Version":"2008-10-17","Id":"mine","Statement":[{"Sid":"DenyInsecureTransport","Effect":"Allow",` +
		`"Principal":{"AWS":"1"},"Action":"s3:GetObject","Resource":"x"}]}`
	result, changed, err := denyPlainHTTP(policy, Bucket{Name: "demo", Region: "cn-north-1"})
	if err != nil || !changed {
		t.Fatal(changed, err)
	}
	_, statements, _ := strings.Cut(policy, "[")
	kept := strings.TrimSuffix(statements, "]}")
	for _, word := range []string{
		kept, `"Id":"mine"`, `"2008-10-17"`, `"DenyInsecureTransport2"`,
		`"arn:aws-cn:s3:::demo/*"`,
	} {
		if !strings.Contains(result, word) {
			t.Errorf("%s is not in %s", word, result)
		}
	}
	var document struct{ Statement []any }
	if err := json.Unmarshal([]byte(result), &document); err != nil || len(document.Statement) != 2 {
		t.Errorf("%d statements, %v, want 2: %s", len(document.Statement), err, result)
	}
}

func TestPartition(t *testing.T) {
	for region, want := range map[string]string{
		"us-west-2": "aws", "eu-central-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov",
		"us-iso-east-1": "aws-iso", "us-isob-east-1": "aws-iso-b", "eusc-de-east-1": "aws-eusc", "": "aws",
	} {
		if got := Partition(region); got != want {
			t.Errorf("Partition(%q) = %q, want %q", region, got, want)
		}
	}
}
