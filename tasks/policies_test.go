package tasks_test

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"envoy-proxy-poc/tasks/internal/settings"
)

// policy is an IAM policy document.
type policy struct {
	Version   string
	Statement []struct {
		Sid, Effect      string
		Action, Resource []string
	}
}

// allowedBy are the policy's permissions, "ACTION RESOURCE" each, as the local AWS names resources.
func allowedBy(t *testing.T, file string) []string {
	t.Helper()
	var p policy
	if err := json.Unmarshal([]byte(read(t, filepath.Join("..", ".github", "iam", file))), &p); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	s := loaded(t)
	all := map[string]bool{}
	for _, statement := range p.Statement {
		if statement.Effect != "Allow" || p.Version != "2012-10-17" {
			t.Errorf("%s: the test knows no %+v", file, statement)
		}
		for _, arn := range statement.Resource {
			resource, found := strings.CutPrefix(arn, "arn:aws:s3:::")
			if !found {
				resource, found = strings.CutPrefix(arn, "arn:aws:ecr:"+s.Region+":ACCOUNT_ID:")
			}
			if !found && arn != "*" {
				t.Errorf("%s: %s is no resource of the region, with ACCOUNT_ID in the place of the account", file, arn)
			}
			for _, action := range statement.Action {
				all[strings.TrimSuffix(action+" "+resource, "*")] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func loaded(t *testing.T) settings.Settings {
	t.Helper()
	s, err := settings.Load("../terraform/04-ecr-repositories", settings.Override{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// wantPolicy compares what was needed with what a policy allows: nothing may lack, and nothing may be there in vain. What is
// asked only of an endpoint without TLS, as the local one, is no part of it.
func (r *runner) wantPolicy(file string, withoutTLS ...string) {
	r.t.Helper()
	needed := slices.DeleteFunc(r.take(), func(one string) bool { return slices.Contains(withoutTLS, one) })
	allowed := allowedBy(r.t, file)
	for _, one := range needed {
		if !slices.Contains(allowed, one) {
			r.t.Errorf(".github/iam/%s does not allow %s", file, one)
		}
	}
	for _, one := range allowed {
		if !slices.Contains(needed, one) {
			r.t.Errorf(".github/iam/%s allows %s, which nothing needed", file, one)
		}
	}
}
