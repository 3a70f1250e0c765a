// Package ecr does what the suite needs of Amazon ECR: it fetches the registry's token and stores it where
// Docker looks for it, says what is in a repository, what scans found there and what its lifecycle policy takes
// next, and tidies or empties one.
//
// The client is an interface, which *ecr.Client of the AWS SDK satisfies. Nothing here reads settings or the environment (but for the PATH, where credential helpers are
// looked up, as Docker does), prints, or asks a question: values go in, values and errors come out.
//
// It neither creates nor removes repositories, which is Terraform's, and moves no image, which is package
// image's.
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

// API is the part of the ECR client that is called here, but for [RetentionAPI]. Give a cleanup's many more attempts
// than the SDK's three: a full repository is a thousand calls, and ECR publishes no rate for them.
type API interface {
	ImagesAPI
	ManifestsAPI
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
	BatchDeleteImage(context.Context, *awsecr.BatchDeleteImageInput, ...option) (*awsecr.BatchDeleteImageOutput, error)
}

// ImagesAPI is the part of the ECR client that lists images.
type ImagesAPI interface {
	DescribeImages(context.Context, *awsecr.DescribeImagesInput, ...option) (*awsecr.DescribeImagesOutput, error)
}

// pageSize is the most that ECR returns in one page; its default is 100.
const pageSize = 1000

// eachImage calls visit with every image of a repository, page by page, and keeps none of them.
// It asks for every status: without that, ECR leaves archived images out of the list. An index, its children
// and referrers are one image each; an image with several tags comes once.
func eachImage(ctx context.Context, api ImagesAPI, repository string, visit func(Image)) error {
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

// isIndex reports whether a manifest of this media type lists other manifests.
func isIndex(mediaType string) bool {
	switch mediaType {
	case "application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json":
		return true
	}
	return false
}
