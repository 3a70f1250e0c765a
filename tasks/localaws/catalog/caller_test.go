package catalog

import "testing"

// TestPolicyCovers plays principals of IAM's grammar (User Guide, reference_policies_elements_principal).
func TestPolicyCovers(t *testing.T) {
	role := Caller{
		Account: "111111111111", ARN: "arn:aws:sts::111111111111:assumed-role/ci/run", Role: "arn:aws:iam::111111111111:role/a/ci",
	}
	for _, c := range []struct {
		text string
		want bool
	}{
		{`"Effect":"Allow","Principal":"*","Action":"ecr:BatchGetImage"`, true},
		{`"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"ecr:Batch*"`, true},
		{`"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"*"`, true},
		{`"Effect":"Allow","Principal":{"AWS":["111111111112","arn:aws:iam::111111111111:role/a/ci"]},"Action":"ECR:batchgetimage"`, true},
		{`"Effect":"Allow","Principal":{"AWS":"arn:aws:sts::111111111111:assumed-role/ci/run"},"NotAction":"ecr:PutImage"`, true},
		{`"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111112:root"},"Action":"*"`, false},
		{`"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:role/ci"},"Action":"*"`, false},
		{`"Effect":"Allow","Principal":"*","Action":"ecr:PutImage"`, false},
		{`"Effect":"Allow","NotPrincipal":{"AWS":"111111111111"},"Action":"*"`, false},
		{`"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"*"`, false},
	} {
		policy, valid := parsePolicy(`{"Version":"2012-10-17","Statement":[{` + c.text + `}]}`)
		if !valid || policy[0].covers(role, "ecr:BatchGetImage") != c.want {
			t.Errorf("%s: valid %t, covers %t, want %t", c.text, valid, !c.want, c.want)
		}
	}
}
