package stack

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/settings"
	"envoy-proxy-poc/tasks/internal/statelock"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/session"
)

func TestRemedy(t *testing.T) {
	running := func(command string) error { return &terraform.Error{Command: command} }
	for name, test := range map[string]struct {
		target string
		err    error
		want   string
	}{
		"an apply that failed": {
			"deploy", running("apply"),
			"see where things stand: mage plan; going on is safe: mage deploy",
		},
		"a destroy that failed": {
			"destroy", running("apply"),
			"see where things stand: mage plan; going on is safe: mage destroy",
		},
		"a plan that failed": {"deploy", running("plan"), ""},
		"credentials that expired": {
			"deploy", fmt.Errorf("applying: %w", terraform.ErrExpired),
			`renew profile "team" (aws sso login); then going on is safe: mage deploy`,
		},
		"expired, of no target": {
			"", terraform.ErrExpired,
			`renew profile "team" (aws sso login); then going on is safe: mage plan`,
		},
		"an interrupted plan": {"plan", context.Canceled, "nothing was changed; once more: mage plan"},
		"a bucket that is missing": {
			"plan", fmt.Errorf("opening the state: %w", awserr.ErrNoBucket),
			"make it: mage state:bootstrap",
		},
		"a lock": {
			"plan", &terraform.LockedError{Lock: statelock.Lock{ID: "1"}},
			"wait for that run (mage state:lock shows it); if it is dead: mage state:unlock 1",
		},
	} {
		s := &Stack{
			Session: &session.Session{AWS: session.Account{Profile: "team"}},
			target:  test.target, onlyLooks: test.target == "plan",
		}
		if _, next := hint.Parts(s.remedy(test.err)); next != test.want {
			t.Errorf("%s: the hint is %q, want %q", name, next, test.want)
		}
	}
}

func TestRestore(t *testing.T) {
	s := &session.Session{AWS: session.Account{Profile: "my team"}}
	s.Settings.Backend = settings.Backend{Bucket: "states", Key: "a b.tfstate", Region: "us-west-2"}
	const where = " --region us-west-2 --profile 'my team'"
	const want = "see its versions: aws s3api list-object-versions --bucket states --prefix 'a b.tfstate'" + where +
		" --output text --query 'Versions[?Key==`\"a b.tfstate\"`].[LastModified,VersionId,Size]'; get a good one: aws s3api get-object --bucket states --key 'a b.tfstate'" + where +
		" --version-id ID good.tfstate; put it back: aws s3api put-object --bucket states --key 'a b.tfstate'" + where +
		" --body good.tfstate"
	if got := restore(s); got != want {
		t.Errorf("restore = %s\nwant %s", got, want)
	}
}

// Credentials are renewed before a question is put: no code is asked for after the answer.
func TestCredentialsAreRenewedBeforeAQuestion(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "config")
	text := "[profile team]\ncredential_process = sh -c \"exit 1\"\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", config)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "none"))
	s := &Stack{Session: &session.Session{Console: session.Talk(), AWS: session.Account{Profile: "team"}}}
	if err := s.Ask(t.Context(), true, "Go on?", "yes"); err == nil || !strings.Contains(err.Error(), "process") {
		t.Errorf("the question is put without credentials: %v", err)
	}
}
