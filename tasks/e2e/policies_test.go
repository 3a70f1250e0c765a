package e2e_test

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

// deleting are the actions for which a policy names each repository: a wildcard could cover those of another project.
var deleting = []string{"ecr:BatchDeleteImage", "ecr:DeleteRepository"}

// allowedBy are the policy's permissions, each as "ACTION RESOURCE", with the resource as the local AWS names it. A
// resource may be a wildcard for all names with the common prefix of the project's repositories, so that it covers a
// new one.
func allowedBy(t *testing.T, file string) []string {
	t.Helper()
	var p policy
	if err := json.Unmarshal([]byte(read(t, filepath.Join(root, ".github", "iam", file))), &p); err != nil {
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
			if arn == "*" {
				resource, found = "", true
			}
			if !found {
				t.Errorf("%s: %s is no resource of the region, with ACCOUNT_ID as its account", file, arn)
			}
			if strings.Contains(resource, "*") && resource != "repository/"+commonPrefix(s.Repositories)+"*" {
				t.Errorf("%s: %s covers more than this project's repositories", file, arn)
			}
			for _, action := range statement.Action {
				if strings.Contains(resource, "*") && slices.Contains(deleting, action) {
					t.Errorf("%s allows %s for %s: it has to name the repositories", file, action, arn)
				}
				all[action+" "+resource] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// commonPrefix is what all names begin with, up to a hyphen.
func commonPrefix(repositories []settings.Repository) string {
	prefix := repositories[0].Name
	for _, repository := range repositories {
		for !strings.HasPrefix(repository.Name, prefix) {
			prefix = prefix[:len(prefix)-1]
		}
	}
	return prefix[:strings.LastIndex(prefix, "-")+1]
}

// covers reports whether a permission of a policy allows the one that was needed.
func covers(allowed, needed string) bool {
	prefix, wildcard := strings.CutSuffix(allowed, "*")
	return allowed == needed || wildcard && strings.HasPrefix(needed, prefix)
}

func loaded(t *testing.T) settings.Settings {
	t.Helper()
	s, err := settings.Load(root+"/terraform/04-ecr-repositories", settings.Override{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// wantPolicy compares the permissions that were needed with a policy: none may be missing, and none may be superfluous.
// withoutTLS are permissions that only an endpoint without TLS needs, such as the local one.
func (r *runner) wantPolicy(file string, withoutTLS ...string) {
	r.t.Helper()
	needed := slices.DeleteFunc(r.take(), func(one string) bool { return slices.Contains(withoutTLS, one) })
	allowed := allowedBy(r.t, file)
	for _, one := range needed {
		if !slices.ContainsFunc(allowed, func(a string) bool { return covers(a, one) }) {
			r.t.Errorf(".github/iam/%s does not allow %s", file, one)
		}
	}
	for _, one := range allowed {
		if !slices.ContainsFunc(needed, func(n string) bool { return covers(one, n) }) {
			r.t.Errorf(".github/iam/%s allows %s, which nothing needed", file, one)
		}
	}
}
