package rights

import (
	"strings"
	"testing"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/settings"
)

// elsewhere are settings of another part of AWS, with a key that JSON has to escape.
var elsewhere = settings.Settings{Environment: settings.Environment{
	Region: "cn-north-1", Account: "111111111111",
	Repositories: []settings.Repository{{App: "one", Name: "team/one"}, {App: "two", Name: "team/two"}},
	Backend:      settings.Backend{Bucket: "states", Key: `a "b"/tfstate`, Region: "us-gov-west-1"},
}}

func TestDocumentsAreOfTheSettings(t *testing.T) {
	documents, err := Documents(elsewhere, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for file, wanted := range map[string][]string{
		"plan.json": {
			`"arn:aws-us-gov:s3:::states"`, `"arn:aws-us-gov:s3:::states/a \"b\"/tfstate.tflock"`,
			`"arn:aws-cn:ecr:cn-north-1:111111111111:repository/team/one"`,
			`"arn:aws-cn:ecr:cn-north-1:111111111111:repository/team/two"`,
		},
		"trust-plan.json": {`"arn:aws-cn:iam::111111111111:oidc-provider/`, `"SUBJECT_PREFIX:pull_request"`},
	} {
		for _, want := range wanted {
			if !strings.Contains(string(documents[file]), want) {
				t.Errorf("%s has no %s:\n%s", file, want, documents[file])
			}
		}
	}
}

// TestPromoteReadsOtherAccounts: the role of an environment may read in every other account, and in none without one.
func TestPromoteReadsOtherAccounts(t *testing.T) {
	documents, err := Documents(elsewhere, Options{})
	if err != nil || documents["promote.json"] != nil {
		t.Errorf("without another account: %s, %v, want no promote.json", documents["promote.json"], err)
	}
	several := elsewhere
	several.Environments = []settings.Environment{elsewhere.Environment, {
		Region: "eu-west-1", Account: "222222222222", Repositories: []settings.Repository{{App: "one", Name: "dev/one"}},
	}}
	documents, err = Documents(several, Options{})
	text := string(documents["promote.json"])
	if err != nil || !strings.Contains(text, `["arn:aws:ecr:eu-west-1:222222222222:repository/dev/one"]`) &&
		!strings.Contains(text, `"arn:aws:ecr:eu-west-1:222222222222:repository/dev/one"`) || strings.Contains(text, "team/") {
		t.Errorf("promote.json = %s, %v", text, err)
	}
}

// TestPlanMayNotWrite: any pull request of the repository can take the plan role.
func TestPlanMayNotWrite(t *testing.T) {
	documents, err := Documents(elsewhere, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, action := range []string{"s3:Put", "s3:Delete", "ecr:Put", "ecr:Delete", "Layer", "*"} {
		if strings.Contains(string(documents["plan.json"]), action) {
			t.Errorf("plan.json allows %s:\n%s", action, documents["plan.json"])
		}
	}
}

func TestWhomTheRolesTrust(t *testing.T) {
	for _, test := range []struct{ account, github, subject, want string }{
		{"222222222222", "o/r", "", "repo:o/r:pull_request"},
		{"222222222222", "o@1/r@2", "", "repo:o@1/r@2:pull_request"},
		{"222222222222", "", "repo:o@1/r.x@2", "repo:o@1/r.x@2:pull_request"},
		{"", "", "", "SUBJECT_PREFIX:pull_request"},
		{"2222", "", "", "twelve digits"},
		{"22222222222*", "", "", "twelve digits"},
		{"", "o", "", "repo:OWNER@ID/REPO@ID"},
		{"", "o/*", "", "repo:OWNER@ID/REPO@ID"},
		{"", "o/r:ref:refs/heads/main", "", "repo:OWNER@ID/REPO@ID"},
		{"", "", "o/r", "gh api repos/OWNER/REPO"},
		{"", "o/r", "repo:o/r", "one of them"},
	} {
		documents, err := Documents(elsewhere, Options{test.account, test.github, test.subject})
		text := string(documents["trust-plan.json"])
		if err != nil {
			what, next := hint.Parts(err)
			text = what + "\n" + next
		} else if test.account != "" && !strings.Contains(text, "::"+test.account+":") {
			t.Errorf("the documents are not of account %s:\n%s", test.account, text)
		}
		if !strings.Contains(text, test.want) {
			t.Errorf("%+v: %s", test, text)
		}
	}
}
