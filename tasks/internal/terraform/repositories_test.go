package terraform

import (
	"slices"
	"testing"
)

func TestRepositories(t *testing.T) {
	state := `{"resources": [
	  {"mode": "managed", "type": "aws_ecr_repository", "name": "app", "instances": [
	    {"index_key": "app", "attributes": {"name": "x-app", "arn": "arn:aws:ecr:us-west-2:1:repository/x-app"}},
	    {"index_key": "client", "status": "tainted", "attributes": {"name": "x-client", "arn": "arn:aws:ecr:eu-west-1:1:repository/x-client"}}]},
	  {"mode": "managed", "type": "aws_ecr_repository", "name": "old", "module": "module.m", "instances": [{"attributes": {"name": "o"}}]},
	  {"mode": "data", "type": "aws_ecr_repository", "name": "other", "instances": [{"attributes": {"name": "d"}}]},
	  {"mode": "managed", "type": "terraform_data", "name": "hooks", "instances": [{"attributes": {}}]}]}`
	want := []Repository{
		{Address: `aws_ecr_repository.app["app"]`, Name: "x-app", ARN: "arn:aws:ecr:us-west-2:1:repository/x-app"},
		{Address: `aws_ecr_repository.app["client"]`, Name: "x-client", ARN: "arn:aws:ecr:eu-west-1:1:repository/x-client", Tainted: true},
		{Address: "module.m.aws_ecr_repository.old", Name: "o"},
	}
	got, err := Repositories([]byte(state))
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("Repositories() = %+v, %v, want %+v", got, err, want)
	}
	if got[1].Region() != "eu-west-1" || got[2].Region() != "" {
		t.Errorf("regions are %q and %q, want eu-west-1 and none", got[1].Region(), got[2].Region())
	}
	if none, err := Repositories(nil); err != nil || none != nil {
		t.Errorf("of no state: %v, %v, want none", none, err)
	}
	if _, err := Repositories([]byte("{")); err == nil {
		t.Error("of half a state: want an error")
	}
}
