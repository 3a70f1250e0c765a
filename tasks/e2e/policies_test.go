package e2e_test

import (
	"cmp"
	"encoding/json"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"envoy-proxy-poc/tasks/internal/settings"
	"envoy-proxy-poc/tasks/rights"
)

// policy is an IAM policy or a trust document.
type policy struct {
	Version   string
	Statement []struct {
		Sid, Effect      string
		Action, Resource []string
		Condition        map[string]map[string][]string
	}
}

// TestCommittedRights wants in .github/iam what the target makes of locals.tf and backend.tf. The files may be filled
// in: their account and their subject are taken from them.
func TestCommittedRights(t *testing.T) {
	trust := read(t, root+"/.github/iam/trust-plan.json")
	var filled rights.Options
	if account := regexp.MustCompile(`:iam::(\d+):`).FindStringSubmatch(trust); account != nil {
		filled.Account = account[1]
	}
	if subject := regexp.MustCompile(`"(repo:.*):pull_request"`).FindStringSubmatch(trust); subject != nil {
		filled.Subject = subject[1]
	}
	documents, err := rights.Documents(loaded(t, root), filled)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range documents {
		if committed := read(t, root+"/.github/iam/"+name); committed != string(text) {
			t.Errorf(".github/iam/%s is not of these settings; make it again: mage iam:write\n%s\nwant\n%s", name, committed,
				text)
		}
	}
	files, err := filepath.Glob(root + "/.github/iam/*")
	if err != nil || len(files) != len(documents) {
		t.Errorf(".github/iam holds %q, %v, and mage iam:write makes %d files", files, err, len(documents))
	}
}

// rightsOf are the permissions of a policy for these settings, each as "ACTION RESOURCE", with the resource as the
// local AWS names it.
func rightsOf(t *testing.T, s settings.Settings, file string) []string {
	t.Helper()
	documents, err := rights.Documents(s, rights.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var p policy
	if err := json.Unmarshal(documents[file], &p); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	account := cmp.Or(s.Account, "ACCOUNT_ID")
	own := map[string]map[string][]string{"StringEquals": {"aws:ResourceAccount": {account}}}
	var all []string
	for _, statement := range p.Statement {
		if statement.Effect != "Allow" || p.Version != "2012-10-17" {
			t.Errorf("%s: the test knows no %+v", file, statement)
		}
		for _, arn := range statement.Resource {
			resource, ofECR := strings.CutPrefix(arn, "arn:aws:ecr:"+s.Region+":"+account+":")
			inBucket, ofS3 := strings.CutPrefix(arn, "arn:aws:s3:::")
			switch {
			case arn == "*" && slices.Equal(statement.Action, []string{"ecr:GetAuthorizationToken"}):
				resource = ""
			case ofS3:
				resource = inBucket
			}
			if !ofECR && !ofS3 && resource != "" || strings.ContainsAny(resource, "*?") {
				t.Errorf("%s: %s is no resource of this project alone", file, arn)
			}
			// A bucket that bootstrap.json is about to create is of no account yet.
			if ofS3 && file != "bootstrap.json" && !reflect.DeepEqual(statement.Condition, own) {
				t.Errorf("%s: %s lets the role into a bucket of another account: the condition is %v", file, statement.Sid,
					statement.Condition)
			}
			for _, action := range statement.Action {
				all = append(all, action+" "+resource)
			}
		}
	}
	return all
}

// anyRepository is a permission without the repository's name.
func anyRepository(permission string) string {
	action, _, found := strings.Cut(permission, " repository/")
	if !found {
		return permission
	}
	return action + " of a repository"
}

// loaded are the settings of a checkout.
func loaded(t *testing.T, dir string) settings.Settings {
	t.Helper()
	s, err := settings.Load(dir+"/terraform/04-ecr-repositories", settings.Override{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// wantPolicy compares the permissions that were needed with the policy for the settings of the world: none may be
// missing, and none may be superfluous. What one repository needs, a policy allows for each. withoutTLS are permissions
// that only an endpoint without TLS needs, such as the local one.
func (r *runner) wantPolicy(file string, withoutTLS ...string) {
	r.t.Helper()
	needed := slices.DeleteFunc(r.take(), func(one string) bool { return slices.Contains(withoutTLS, one) })
	allowed := rightsOf(r.t, loaded(r.t, r.world.dir), file)
	needs := map[string]bool{}
	for _, one := range needed {
		needs[anyRepository(one)] = true
		if !slices.Contains(allowed, one) {
			r.t.Errorf(".github/iam/%s does not allow %s", file, one)
		}
	}
	for _, one := range allowed {
		if !needs[anyRepository(one)] {
			r.t.Errorf(".github/iam/%s allows %s, which nothing needed", file, one)
		}
	}
}
