package ecr

import (
	"context"
	"errors"
	"fmt"
	"slices"

	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"

	"envoy-proxy-poc/tasks/internal/hint"
)

// CleanupAPI is the part of the ECR client that a cleanup calls. Give it many more attempts than the SDK's three: a
// full repository is a thousand calls, and ECR publishes no rate for them.
type CleanupAPI interface {
	RepositoriesAPI
	ImagesAPI
	ManifestsAPI
	BatchDeleteImage(context.Context, *awsecr.BatchDeleteImageInput, ...option) (*awsecr.BatchDeleteImageOutput, error)
}

// CleanupOptions is what [Decide] need not be told.
type CleanupOptions struct {
	Filter Filter
	// ExpectRegistry is the account that the repository must be in. The default is any.
	ExpectRegistry string
	// ExpectARNs are those of which the repository's must be one. The default is any.
	ExpectARNs []string
}

// Decision is what a cleanup would do to a repository: to be shown, asked about, and then executed as it is.
type Decision struct {
	Repository string
	Registry   string // the account that holds it
	ARN        string
	Filter     Filter
	Missing    bool       // there is no such repository, so nothing to do
	Images     []Deletion // what goes, in order
	SizeBytes  int64      // of these, compressed; an index adds nothing to its children
	Archived   int        // of these: AWS bills 90 days for an archived image, deleted or not
	Stay       int        // images that the filter leaves
}

// Decide looks a repository through, archived, untagged and referring images too, and says what a cleanup deletes. It
// refuses a repository of another account or ARN than expected. A repository that does not exist is no error.
func Decide(ctx context.Context, api CleanupAPI, repository string, o CleanupOptions) (Decision, error) {
	d := Decision{Repository: repository, Filter: o.Filter}
	found, err := Find(ctx, api, repository)
	if err == nil {
		d.Registry, d.ARN = found.Registry, found.ARN
		if err := o.accepts(repository, d); err != nil {
			return d, err
		}
		err = d.choose(ctx, api)
	}
	if Missing(err) {
		d.Missing = true
		return d, nil
	}
	return d, err
}

// accepts refuses a repository that is not the one the caller means.
func (o CleanupOptions) accepts(repository string, d Decision) error {
	var faults []error
	if o.ExpectRegistry != "" && d.Registry != o.ExpectRegistry {
		faults = append(faults, fmt.Errorf("it is in account %q, not in %q", d.Registry, o.ExpectRegistry))
	}
	if len(o.ExpectARNs) > 0 && !slices.Contains(o.ExpectARNs, d.ARN) {
		faults = append(faults, fmt.Errorf("its ARN is %q, not one of %q", d.ARN, o.ExpectARNs))
	}
	if len(faults) == 0 {
		return nil
	}
	return hint.Add(fmt.Errorf("refusing to clean %q: %w", repository, errors.Join(faults...)),
		"check the profile and the region that are in use; nothing was deleted")
}

// choose fills in what goes. Only a filter needs to know what belongs to what, so only then manifests are read.
func (d *Decision) choose(ctx context.Context, api CleanupAPI) error {
	if !d.Filter.All() {
		inventory, err := TakeInventory(ctx, api, d.Repository, nil)
		if err != nil {
			return err
		}
		for _, m := range d.Filter.selected(inventory) {
			d.add(m.Image)
		}
		d.Stay = len(inventory.Members) - len(d.Images)
		sortByTurn(d.Images)
		return nil
	}
	err := eachImage(ctx, api, d.Repository, d.add)
	sortByTurn(d.Images)
	return err
}

func (d *Decision) add(image Image) {
	d.Images = append(d.Images, deletionOf(image))
	if !isIndex(image.MediaType) {
		d.SizeBytes += image.SizeBytes
	}
	if image.Archived() {
		d.Archived++
	}
}
