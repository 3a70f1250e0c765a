package localaws_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// newWriters prepares what the writers share: a repository, a bucket with versions and one without.
func newWriters(t testing.TB, p *process, random *rand.Rand) []writer {
	t.Helper()
	_, err := p.ecr().CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: aws.String("shared")})
	wantOK(t, err)
	makeBucket(t, p.s3(), "states")
	makeBucket(t, p.s3(), "locks")
	_, err = p.s3().PutBucketVersioning(t.Context(), &awss3.PutBucketVersioningInput{
		Bucket:                  aws.String("states"),
		VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled},
	})
	wantOK(t, err)
	token, err := p.ecr().GetAuthorizationToken(t.Context(), &ecr.GetAuthorizationTokenInput{})
	wantOK(t, err)
	var all []writer
	for i := range 5 {
		all = append(all, &imageWriter{
			name: fmt.Sprint("w", i), authorization: "Basic " + *token.AuthorizationData[0].AuthorizationToken,
			now: map[string][]string{}, blobs: map[string][]string{},
		})
	}
	for i := range 3 {
		all = append(all, &objectWriter{bucket: "states", key: fmt.Sprint("state", i), versioned: true},
			&objectWriter{bucket: "locks", key: fmt.Sprint("lock", i)})
	}
	return append(all, &repositoryWriter{now: map[string]string{}})
}

func makeBucket(t testing.TB, client *awss3.Client, name string) {
	t.Helper()
	_, err := client.CreateBucket(t.Context(), &awss3.CreateBucketInput{
		Bucket:                    &name,
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: region},
	})
	wantOK(t, err)
}

// repositoryWriter creates, tags and deletes repositories.
type repositoryWriter struct {
	now, maybe map[string]string // name → the value of its tag
}

func (w *repositoryWriter) write(ctx context.Context, p *process, random *rand.Rand) error {
	name, value := fmt.Sprint("own/", random.IntN(10)), fmt.Sprint(random.Uint64())
	tags := []types.Tag{{Key: aws.String("value"), Value: &value}}
	next := maps.Clone(w.now)
	next[name] = value
	var err error
	switch _, there := w.now[name]; {
	case !there:
		_, err = p.ecr().CreateRepository(ctx, &ecr.CreateRepositoryInput{RepositoryName: &name, Tags: tags})
	case random.IntN(2) == 0:
		_, err = p.ecr().TagResource(ctx, &ecr.TagResourceInput{ResourceArn: aws.String(repositoryARN(name)), Tags: tags})
	default:
		delete(next, name)
		_, err = p.ecr().DeleteRepository(ctx, &ecr.DeleteRepositoryInput{RepositoryName: &name})
	}
	if err != nil {
		w.maybe = next
		return err
	}
	w.now = next
	return nil
}

func repositoryARN(name string) string {
	return "arn:aws:ecr:" + region + ":000000000000:repository/" + name
}

func (w *repositoryWriter) verify(t testing.TB, p *process) {
	t.Helper()
	got := map[string]string{}
	list, err := p.ecr().DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{})
	wantOK(t, err)
	for _, is := range list.Repositories {
		if !strings.HasPrefix(*is.RepositoryName, "own/") {
			continue
		}
		tags, err := p.ecr().ListTagsForResource(t.Context(), &ecr.ListTagsForResourceInput{ResourceArn: is.RepositoryArn})
		wantOK(t, err)
		for _, tag := range tags.Tags {
			got[*is.RepositoryName] = *tag.Value
		}
	}
	if w.maybe != nil && maps.Equal(got, w.maybe) {
		w.now = w.maybe
	}
	w.maybe = nil
	if !maps.Equal(got, w.now) {
		t.Errorf("there are the repositories %v, want %v", got, w.now)
	}
}

// call sends a request, with headers as name, value, …, and reads the answer.
func call(ctx context.Context, method, url string, body []byte, headers ...string) (*http.Response, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	return reply, text, err
}
