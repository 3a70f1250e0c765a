// Package ecr does what the suite needs of Amazon ECR: it fetches the registry's token and stores it where Docker looks
// for it, says what is in a repository, what scans found there and what its lifecycle policy takes next, and tidies or
// empties one. Values go in, values and errors come out; only the PATH is read, for credential helpers.
package ecr

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// option is what a call of the ECR client takes besides its input.
type option = func(*awsecr.Options)

// API is the part of the ECR client that is called here. Give a cleanup's many more attempts than the SDK's three: a
// full repository is a thousand calls, and ECR publishes no rate for them.
type API interface {
	DescribeImages(context.Context, *awsecr.DescribeImagesInput, ...option) (*awsecr.DescribeImagesOutput, error)
	BatchGetImage(context.Context, *awsecr.BatchGetImageInput, ...option) (*awsecr.BatchGetImageOutput, error)
	GetAuthorizationToken(context.Context, *awsecr.GetAuthorizationTokenInput, ...option) (
		*awsecr.GetAuthorizationTokenOutput, error)
	DescribeRepositories(context.Context, *awsecr.DescribeRepositoriesInput, ...option) (
		*awsecr.DescribeRepositoriesOutput, error)
	GetLifecyclePolicy(context.Context, *awsecr.GetLifecyclePolicyInput, ...option) (
		*awsecr.GetLifecyclePolicyOutput, error)
	GetDownloadUrlForLayer(context.Context, *awsecr.GetDownloadUrlForLayerInput, ...option) (
		*awsecr.GetDownloadUrlForLayerOutput, error)
	DescribeImageScanFindings(context.Context, *awsecr.DescribeImageScanFindingsInput, ...option) (
		*awsecr.DescribeImageScanFindingsOutput, error)
	StartImageScan(context.Context, *awsecr.StartImageScanInput, ...option) (*awsecr.StartImageScanOutput, error)
	BatchGetRepositoryScanningConfiguration(
		context.Context, *awsecr.BatchGetRepositoryScanningConfigurationInput, ...option) (
		*awsecr.BatchGetRepositoryScanningConfigurationOutput, error)
	StartLifecyclePolicyPreview(context.Context, *awsecr.StartLifecyclePolicyPreviewInput, ...option) (
		*awsecr.StartLifecyclePolicyPreviewOutput, error)
	GetLifecyclePolicyPreview(context.Context, *awsecr.GetLifecyclePolicyPreviewInput, ...option) (
		*awsecr.GetLifecyclePolicyPreviewOutput, error)
	BatchDeleteImage(context.Context, *awsecr.BatchDeleteImageInput, ...option) (*awsecr.BatchDeleteImageOutput, error)
}

const pageSize = 1000 // the most that ECR returns in one page; its default is 100

// eachImage calls visit with every image of a repository, archived ones too, which ECR lists only when asked for every
// status. An index, its children and referrers are one image each; an image with several tags comes once.
func eachImage(ctx context.Context, api API, repository string, visit func(Image)) error {
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
