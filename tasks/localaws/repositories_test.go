package localaws_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"envoy-proxy-poc/tasks/localaws"
)

func TestRepositoryLife(t *testing.T) {
	l := start(t, localaws.Options{})
	api, ctx := l.ecr(), t.Context()
	made, err := api.CreateRepository(ctx, &ecr.CreateRepositoryInput{
		RepositoryName: aws.String("team/app"),
		Tags:           []types.Tag{{Key: aws.String("Project"), Value: aws.String("poc")}},
	})
	wantOK(t, err)
	is := made.Repository
	if got, want := *is.RepositoryUri, l.host()+"/team/app"; got != want {
		t.Errorf("URI is %s, want %s", got, want)
	}
	if got, want := *is.RepositoryArn, "arn:aws:ecr:us-west-2:000000000000:repository/team/app"; got != want {
		t.Errorf("ARN is %s, want %s", got, want)
	}
	if is.ImageTagMutability != types.ImageTagMutabilityMutable || is.EncryptionConfiguration.EncryptionType != types.EncryptionTypeAes256 {
		t.Errorf("defaults are %s, %s", is.ImageTagMutability, is.EncryptionConfiguration.EncryptionType)
	}
	_, err = api.CreateRepository(ctx, &ecr.CreateRepositoryInput{RepositoryName: aws.String("team/app")})
	wantCode(t, err, "RepositoryAlreadyExistsException")

	other, err := l.ecrIn("eu-central-1").DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{})
	wantOK(t, err)
	if len(other.Repositories) != 0 {
		t.Errorf("another region has %d repositories, want 0", len(other.Repositories))
	}
	_, err = api.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{"team/app", "team/none"}})
	wantCode(t, err, "RepositoryNotFoundException")
	_, err = api.DeleteRepository(ctx, &ecr.DeleteRepositoryInput{RepositoryName: aws.String("team/app")})
	wantOK(t, err)
	_, err = api.DeleteRepository(ctx, &ecr.DeleteRepositoryInput{RepositoryName: aws.String("team/app")})
	wantCode(t, err, "RepositoryNotFoundException")
}

func TestRepositoryTags(t *testing.T) {
	l := start(t, localaws.Options{})
	api, ctx := l.ecr(), t.Context()
	l.repository("app")
	arn := aws.String("arn:aws:ecr:us-west-2:000000000000:repository/app")
	tag := func(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }
	_, err := api.TagResource(ctx, &ecr.TagResourceInput{ResourceArn: arn, Tags: []types.Tag{tag("a", "1"), tag("b", "2")}})
	wantOK(t, err)
	_, err = api.UntagResource(ctx, &ecr.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"a"}})
	wantOK(t, err)
	out, err := api.ListTagsForResource(ctx, &ecr.ListTagsForResourceInput{ResourceArn: arn})
	wantOK(t, err)
	if len(out.Tags) != 1 || *out.Tags[0].Key != "b" || *out.Tags[0].Value != "2" {
		t.Errorf("tags are %v, want b=2", out.Tags)
	}
	_, err = api.TagResource(ctx, &ecr.TagResourceInput{ResourceArn: arn, Tags: []types.Tag{tag("aws:x", "")}})
	wantCode(t, err, "InvalidTagParameterException")
	var many []types.Tag
	for i := range 50 {
		many = append(many, tag(fmt.Sprintf("k%d", i), ""))
	}
	_, err = api.TagResource(ctx, &ecr.TagResourceInput{ResourceArn: arn, Tags: many})
	wantCode(t, err, "TooManyTagsException")
	elsewhere := aws.String("arn:aws:ecr:eu-west-1:000000000000:repository/app")
	_, err = api.ListTagsForResource(ctx, &ecr.ListTagsForResourceInput{ResourceArn: elsewhere})
	wantCode(t, err, "InvalidParameterException")
}

func TestRepositoryPages(t *testing.T) {
	l := start(t, localaws.Options{})
	api, ctx := l.ecr(), t.Context()
	for i := range 105 {
		l.repository(fmt.Sprintf("r%03d", i))
	}
	first, err := api.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{})
	wantOK(t, err)
	if len(first.Repositories) != 100 || first.NextToken == nil {
		t.Fatalf("the first page has %d repositories, want 100 and a token", len(first.Repositories))
	}
	l.restart()
	rest, err := l.ecr().DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{NextToken: first.NextToken})
	wantOK(t, err)
	if len(rest.Repositories) != 5 || rest.NextToken != nil || *rest.Repositories[0].RepositoryName != "r100" {
		t.Errorf("the second page has %d repositories from %s", len(rest.Repositories), *rest.Repositories[0].RepositoryName)
	}
	_, err = l.ecr().ListImages(ctx, &ecr.ListImagesInput{RepositoryName: aws.String("r001"), NextToken: first.NextToken})
	wantCode(t, err, "InvalidParameterException")
	_, err = l.ecr().DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{MaxResults: aws.Int32(1001)})
	wantCode(t, err, "InvalidParameterException")
	_, err = l.ecr().DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{MaxResults: aws.Int32(0)})
	wantCode(t, err, "InvalidParameterException")
	_, err = l.ecr().DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{MaxResults: aws.Int32(5), RepositoryNames: []string{"r001"}})
	wantCode(t, err, "InvalidParameterException")
}

func TestRepositoryPolicies(t *testing.T) {
	l := start(t, localaws.Options{})
	api, ctx, app := l.ecr(), t.Context(), aws.String("app")
	l.repository("app")
	_, err := api.GetRepositoryPolicy(ctx, &ecr.GetRepositoryPolicyInput{RepositoryName: app})
	wantCode(t, err, "RepositoryPolicyNotFoundException")
	text := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"ecr:BatchGetImage"}]}`
	_, err = api.SetRepositoryPolicy(ctx, &ecr.SetRepositoryPolicyInput{RepositoryName: app, PolicyText: &text})
	wantOK(t, err)
	got, err := api.GetRepositoryPolicy(ctx, &ecr.GetRepositoryPolicyInput{RepositoryName: app})
	wantOK(t, err)
	if *got.PolicyText != text {
		t.Errorf("policy is %s, want %s", *got.PolicyText, text)
	}
	_, err = api.SetRepositoryPolicy(ctx, &ecr.SetRepositoryPolicyInput{RepositoryName: app, PolicyText: aws.String(`{"Statement":[]}`)})
	wantCode(t, err, "InvalidParameterException")
	_, err = api.DeleteRepositoryPolicy(ctx, &ecr.DeleteRepositoryPolicyInput{RepositoryName: app})
	wantOK(t, err)

	lifecycle := `{ "rules": [
		{"rulePriority": 2, "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 9}, "action": {"type": "expire"}},
		{"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 3}, "action": {"type": "expire"}}] }`
	put, err := api.PutLifecyclePolicy(ctx, &ecr.PutLifecyclePolicyInput{RepositoryName: app, LifecyclePolicyText: &lifecycle})
	wantOK(t, err)
	if !strings.HasPrefix(*put.LifecyclePolicyText, `{"rules":[{"rulePriority":1,`) {
		t.Errorf("policy is %s, want it compact and in order", *put.LifecyclePolicyText)
	}
	_, err = api.DeleteLifecyclePolicy(ctx, &ecr.DeleteLifecyclePolicyInput{RepositoryName: app})
	wantOK(t, err)
	_, err = api.GetLifecyclePolicy(ctx, &ecr.GetLifecyclePolicyInput{RepositoryName: app})
	wantCode(t, err, "LifecyclePolicyNotFoundException")
}
