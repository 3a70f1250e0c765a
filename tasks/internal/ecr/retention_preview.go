package ecr

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"envoy-proxy-poc/tasks/internal/again"
)

type preview struct {
	policy  string
	results []types.LifecyclePolicyPreviewResult
}

// takePreview starts a preview and reads its results. A repository has one at a time: somebody else's is waited for
// first. All waits together take no longer than the options allow.
func takePreview(ctx context.Context, api *Client, repository string, o RetentionOptions) (preview, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, o.Wait, &PreviewTimeout{After: o.Wait})
	defer cancel()
	wait := func(why string, pause time.Duration) error {
		if o.Waiting != nil {
			o.Waiting(why)
		}
		return again.Sleep(ctx, pause)
	}
	in := &awsecr.StartLifecyclePolicyPreviewInput{RepositoryName: &repository}
	if o.Policy != "" {
		in.LifecyclePolicyText = &o.Policy
	}
	pause := firstPause
	for ; ; pause = min(2*pause, longestPause) {
		_, err := api.StartLifecyclePolicyPreview(ctx, in)
		if _, busy := errors.AsType[*types.LifecyclePolicyPreviewInProgressException](err); !busy {
			if err != nil {
				return preview{}, overdue(ctx, err)
			}
			break
		}
		if err := wait("another preview of it is under way", pause); err != nil {
			return preview{}, err
		}
	}
	for pause = firstPause / 5; ; pause = min(2*pause, longestPause) {
		done, result, err := readPreview(ctx, api, repository)
		if err != nil || done {
			return result, overdue(ctx, err)
		}
		if err := wait("ECR works on the preview", pause); err != nil {
			return preview{}, err
		}
	}
}

// PreviewTimeout is the end of the wait for ECR, and not of the caller's patience.
type PreviewTimeout struct{ After time.Duration }

func (e *PreviewTimeout) Error() string {
	return fmt.Sprintf("the preview is not complete after %s", e.After)
}

func overdue(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func readPreview(ctx context.Context, api *Client, repository string) (done bool, p preview, err error) {
	in := &awsecr.GetLifecyclePolicyPreviewInput{RepositoryName: &repository, MaxResults: aws.Int32(batchSize)}
	for {
		page, err := api.GetLifecyclePolicyPreview(ctx, in)
		if _, early := errors.AsType[*types.LifecyclePolicyPreviewNotFoundException](err); early {
			return false, p, nil
		}
		if err != nil {
			return false, p, err
		}
		switch page.Status {
		case types.LifecyclePolicyPreviewStatusInProgress:
			return false, preview{}, nil
		case types.LifecyclePolicyPreviewStatusComplete:
		default:
			return false, p, fmt.Errorf("the preview is %s", page.Status)
		}
		p.policy = aws.ToString(page.LifecyclePolicyText)
		p.results = append(p.results, page.PreviewResults...)
		if aws.ToString(page.NextToken) == "" {
			return true, p, nil
		}
		in.NextToken = page.NextToken
	}
}
