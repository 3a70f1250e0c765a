package state

import (
	"slices"
	"strings"
	"testing"
)

func TestRepositories(t *testing.T) {
	state := `{"version": 4, "resources": [
	  {"mode": "managed", "type": "aws_ecr_repository", "name": "app", "instances": [
	    {"index_key": "app", "attributes": {"name": "x-app", "arn": "arn:aws:ecr:us-west-2:1:repository/x-app"}},
	    {"index_key": "client", "status": "tainted", 
	      "attributes": {"name": "x-client", "arn": "arn:aws:ecr:eu-west-1:1:repository/x-client"}}]},
	  {"mode": "managed", "type": "aws_ecr_repository", "name": "old", "module": "module.m",
	    "instances": [{"attributes": {"name": "o"}}]},
	  {"mode": "data", "type": "aws_ecr_repository", "name": "other", "instances": [{"attributes": {"name": "d"}}]},
	  {"mode": "managed", "type": "terraform_data", "name": "hooks", "instances": [{"attributes": {}}]}]}`
	want := []Repository{
		{Address: `aws_ecr_repository.app["app"]`, Name: "x-app", ARN: "arn:aws:ecr:us-west-2:1:repository/x-app"},
		{
			Address: `aws_ecr_repository.app["client"]`, Name: "x-client", ARN: "arn:aws:ecr:eu-west-1:1:repository/x-client",
			Tainted: true,
		},
		{Address: "module.m.aws_ecr_repository.old", Name: "o"},
	}
	d, err := Parse([]byte(state))
	if err != nil {
		t.Fatal(err)
	}
	got := d.Repositories()
	if !slices.Equal(got, want) {
		t.Errorf("Repositories() = %+v, want %+v", got, want)
	}
	if got[1].Region() != "eu-west-1" || got[2].Region() != "" {
		t.Errorf("regions are %q and %q, want eu-west-1 and none", got[1].Region(), got[2].Region())
	}
	if none, err := Parse(nil); err != nil || none.Repositories() != nil {
		t.Errorf("of no state: %v, %v, want none", none.Repositories(), err)
	}
}

func TestUnreadable(t *testing.T) {
	for text, want := range map[string]string{
		`{"version": 4, "resour`:    "it is cut short: it ends after 22 bytes",
		"{":                         "it is cut short: it ends after 1 bytes",
		"\ufeff" + `{"version": 4}`: "it begins with a byte order mark",
		`{"version": 5, "terraform_version": "2.1.0"}`: "it has format 5, of Terraform 2.1.0, and these targets read format 4",
		`{"version": 3, "modules": []}`:                "it has format 3",
		`{"meta": {}, "encrypted_data": "AA=="}`:       "OpenTofu encrypted it",
		`{"version": 4, "outputs": {"a": "b"}}`:        "cannot unmarshal string",
		"{}":                                           "it names no format version",
		"<html>":                                       "invalid character '<'",
		`{"version": 4} {"version": 4}`:                "invalid character '{' after top-level value",
		`{"version": 4, "resources": 1}`:               "cannot unmarshal number",
	} {
		if d, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) || d.Outputs() == nil {
			t.Errorf("Parse(%q) = %v, want an error with %q", text, err, want)
		}
	}
}

func TestLeftovers(t *testing.T) {
	const (
		login = `{"mode": "managed", "type": "null_resource", "name": "ecr_login", "instances": [{"index_key": 0, ` +
			`"attributes": {"id": "2", "triggers": null}}]}`
		cleanup = `{"mode": "managed", "type": "null_resource", "name": "ecr_cleanup", ` +
			`"instances": [{"attributes": {"id": "1", "triggers": {"a": "b"}}}]}`
		others = `{"module": "module.x", "mode": "managed", "type": "null_resource", "name": "ecr_login"},
			{"mode": "managed", "type": "null_resource", "name": "mine"},
			{"mode": "data", "type": "null_resource", "name": "ecr_login"}`
	)
	for resources, want := range map[string][]string{
		"": nil, others: nil, cleanup + "," + login + "," + others: {"null_resource.ecr_cleanup", "null_resource.ecr_login"},
	} {
		d, err := Parse([]byte(`{"version": 4, "resources": [` + resources + `]}`))
		if got := d.Leftovers(); err != nil || !slices.Equal(got, want) {
			t.Errorf("Leftovers of %.60s = %v, %v, want %v", resources, got, err, want)
		}
	}
}
