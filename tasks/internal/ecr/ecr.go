// Package ecr does what the suite needs of Amazon ECR: it fetches the registry's token and stores it where Docker looks
// for it, says what is in a repository, what scans found there and what its lifecycle policy takes next, and tidies or
// empties one. Values go in, values and errors come out; only the PATH is read, for credential helpers.
package ecr

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// Client is the SDK's. Give the one of a cleanup many more attempts than three: a full repository is a thousand calls.
type Client = awsecr.Client

const pageSize = 1000 // the most that ECR returns in one page; its default is 100

// eachImage calls visit with every image of a repository, archived ones too, which ECR lists only when asked for every
// status. An index, its children and referrers are one image each; an image with several tags comes once.
func eachImage(ctx context.Context, api *Client, repository string, visit func(Image)) error {
	pages := awsecr.NewDescribeImagesPaginator(api, &awsecr.DescribeImagesInput{
		RepositoryName: &repository,
		Filter:         &types.DescribeImagesFilter{ImageStatus: types.ImageStatusFilterAny},
		MaxResults:     aws.Int32(pageSize),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("listing images of %q: %w", repository, err)
		}
		for _, detail := range page.ImageDetails {
			visit(imageOf(detail))
		}
	}
	return nil
}

func isIndex(mediaType string) bool {
	return mediaType == "application/vnd.oci.image.index.v1+json" ||
		mediaType == "application/vnd.docker.distribution.manifest.list.v2+json"
}

// Found is what ECR says of a repository without a look at its images.
type Found struct {
	URI        string     `json:"uri"` // what references begin with: 123456789012.dkr.ecr.us-west-2.amazonaws.com/name
	ARN        string     `json:"arn"`
	CreatedAt  *time.Time `json:"createdAt"`            // UTC
	Mutability string     `json:"mutability,omitempty"` // MUTABLE, IMMUTABLE, or either with _WITH_EXCLUSION
	ScanOnPush bool       `json:"scanOnPush"`
	Exclusions []string   `json:"-"` // tag patterns to which the opposite of Mutability applies
	Registry   string     `json:"-"` // the account that holds it, twelve digits
	Answered   time.Time  `json:"-"` // when ECR said this, by its own clock; zero where the answer has no date
}

// Find looks a repository up. [Missing] tells when it does not exist.
func Find(ctx context.Context, api *Client, repository string) (Found, error) {
	out, err := api.DescribeRepositories(ctx, &awsecr.DescribeRepositoriesInput{RepositoryNames: []string{repository}})
	if err == nil && len(out.Repositories) != 1 {
		err = fmt.Errorf("got %d answers, want 1", len(out.Repositories))
	}
	if err != nil {
		return Found{}, fmt.Errorf("describing repository %q: %w", repository, err)
	}
	r := out.Repositories[0]
	found := Found{
		URI:        aws.ToString(r.RepositoryUri),
		ARN:        aws.ToString(r.RepositoryArn),
		CreatedAt:  utc(r.CreatedAt),
		Mutability: string(r.ImageTagMutability),
		ScanOnPush: r.ImageScanningConfiguration != nil && r.ImageScanningConfiguration.ScanOnPush,
		Registry:   aws.ToString(r.RegistryId),
	}
	found.Answered, _ = middleware.GetServerTime(out.ResultMetadata)
	for _, filter := range r.ImageTagMutabilityExclusionFilters {
		found.Exclusions = append(found.Exclusions, aws.ToString(filter.Filter))
	}
	return found, nil
}

// Count says how many images a repository holds, archived ones too: 0 also for one that does not exist.
func Count(ctx context.Context, api *Client, repository string) (int, error) {
	count := 0
	err := eachImage(ctx, api, repository, func(Image) { count++ })
	if Missing(err) {
		return 0, nil
	}
	return count, err
}

// Missing reports whether err says that the repository does not exist.
func Missing(err error) bool {
	_, missing := errors.AsType[*types.RepositoryNotFoundException](err)
	return missing
}
