package ecr

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"envoy-proxy-poc/tasks/console"
)

// CleanupAPI is the part of the ECR client that [Cleanup] calls. Give it more attempts than the SDK's three:
// a full repository is a thousand calls, and ECR publishes no rate for them.
type CleanupAPI interface {
	RepositoriesAPI
	ImagesAPI
	BatchDeleteImage(context.Context, *awsecr.BatchDeleteImageInput, ...func(*awsecr.Options)) (*awsecr.BatchDeleteImageOutput, error)
}

// CleanupOptions is what [Cleanup] need not be told.
type CleanupOptions struct {
	// DryRun lists the images in the order of their deletion, and deletes nothing.
	DryRun bool
	// ExpectRegistry is the account that the repository must be in. The default is any.
	ExpectRegistry string
	// ExpectARNs are those of which the repository's must be one. The default is any.
	ExpectARNs []string
	// Progress is told how many images are gone of how many were found; one call at a time.
	Progress func(done, total int)
}

// Report is what [Cleanup] found and did; with an error, how far it came.
type Report struct {
	Repository string
	ARN        string
	Missing    bool      // there is no such repository, so nothing to do
	Found      int       // images at the start
	Archived   int       // of these: AWS bills 90 days for an archived image, deleted or not
	Deleted    int       // images that this cleanup deleted
	Images     []Doomed  // with DryRun: what would be deleted, in order
	Failures   []Failure // what could not be deleted in the last pass
}

// passes is how often a cleanup goes through a repository. Each nesting of indexes takes one at most, so what
// is left after as many as this was pushed meanwhile.
const passes = 20

// Cleanup deletes every image of a repository, archived, untagged and referring ones too, and returns nil
// only when a listing after it came back empty. Indexes go first, because ECR keeps the children of an index
// that exists; it lists and deletes again while that helps. Images that stay are a [*RemainError].
//
// It asks nobody. Before it deletes, it refuses a repository of another account or ARN than expected. When
// ctx ends it stops between two batches of a hundred. A repository that does not exist is no error.
func Cleanup(ctx context.Context, api CleanupAPI, repository string, o CleanupOptions) (Report, error) {
	report := Report{Repository: repository}
	found, err := describe(ctx, api, repository)
	if Missing(err) {
		report.Missing = true
		return report, nil
	}
	if err != nil {
		return report, err
	}
	report.ARN = aws.ToString(found.RepositoryArn)
	if err := o.accepts(repository, found); err != nil {
		return report, err
	}
	if o.DryRun {
		images, err := doomed(ctx, api, repository)
		report.count(images)
		report.Images = slices.Concat(waves(images)...)
		return report, err
	}
	sweep := sweep{api: api, report: &report, progress: o.Progress}
	err = sweep.run(ctx)
	report.Failures = sweep.failures
	return report, err
}

// accepts refuses a repository that is not the one the caller means.
func (o CleanupOptions) accepts(repository string, found types.Repository) error {
	var faults []error
	if registry := aws.ToString(found.RegistryId); o.ExpectRegistry != "" && registry != o.ExpectRegistry {
		faults = append(faults, fmt.Errorf("it is in account %q, not in %q", registry, o.ExpectRegistry))
	}
	if arn := aws.ToString(found.RepositoryArn); len(o.ExpectARNs) > 0 && !slices.Contains(o.ExpectARNs, arn) {
		faults = append(faults, fmt.Errorf("its ARN is %q, not one of %q", arn, o.ExpectARNs))
	}
	if len(faults) == 0 {
		return nil
	}
	return console.Hint(fmt.Errorf("refusing to clean %q: %w", repository, errors.Join(faults...)),
		"check the profile and the region that are in use; nothing was deleted")
}

func (r *Report) count(images []Doomed) {
	r.Found = len(images)
	for _, image := range images {
		if image.Archived {
			r.Archived++
		}
	}
}
