package stack

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// ReadState reads the state. Where it cannot be read, the error says where the state is, and how to get an older version
// of it back.
func ReadState(ctx context.Context, s *session.Session) (state.Document, error) {
	client, err := s.S3(ctx)
	if err != nil {
		return state.Document{}, err
	}
	raw, err := state.Read(ctx, client, s.Bucket(), s.Settings.Backend.Key)
	if err != nil {
		return state.Document{}, s.AWS.Explain(err)
	}
	document, err := state.Parse(raw)
	if err != nil {
		err = fmt.Errorf("reading the state s3://%s/%s: %w", s.Bucket().Name, s.Settings.Backend.Key, err)
		return document, hint.Add(err, "%s", restore(s))
	}
	return document, checkEnvironment(s, document.Outputs())
}

// checkEnvironment is an error where the state says that it is of another environment. One without outputs says nothing:
// it is empty, or its first apply did not end.
func checkEnvironment(s *session.Session, outputs map[string]state.Output) error {
	found := ""
	_ = json.Unmarshal(outputs["environment"].Value, &found) // missing where it is of the default environment
	if chosen := s.Settings.Environment; len(outputs) > 0 && found != chosen.Given {
		err := fmt.Errorf("the state s3://%s/%s is of environment %q, and this run works on %q; nothing was done",
			chosen.Backend.Bucket, chosen.Backend.Key, cmp.Or(found, s.Settings.Environments[0].Name), chosen.Name)
		return hint.Add(err, "give %s a key of its own in locals.tf: state = { key = \"…\" }", chosen.Name)
	}
	return nil
}

// restore is what to type to get an older version of the state back, with the AWS command line.
func restore(s *session.Session) string {
	bucket, key := menu.Quote(s.Bucket().Name), menu.Quote(s.Settings.Backend.Key)
	where := " --region " + menu.Quote(s.Bucket().Region)
	if s.AWS.Profile != "" {
		where += " --profile " + menu.Quote(s.AWS.Profile)
	}
	// the prefix alone lists every lock, too
	query := menu.Quote(fmt.Sprintf("Versions[?Key==`%q`].[LastModified,VersionId,Size]", s.Settings.Backend.Key))
	steps := []string{
		fmt.Sprintf("see its versions: aws s3api list-object-versions --bucket %s --prefix %s%s --output text --query %s",
			bucket, key, where, query),
		fmt.Sprintf("get a good one: aws s3api get-object --bucket %s --key %s%s --version-id ID good.tfstate",
			bucket, key, where),
		fmt.Sprintf("put it back: aws s3api put-object --bucket %s --key %s%s --body good.tfstate", bucket, key, where),
	}
	if session.Local { // the AWS of mage local ends with the run
		steps = append([]string{"run mage serve in another terminal, then here: . .local/env"}, steps...)
	}
	return strings.Join(steps, "; ")
}
