package ecr

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/hint"
)

// CleanupOptions is what [Decide] need not be told.
type CleanupOptions struct {
	Filter         Filter
	ExpectRegistry string   // the account that the repository must be in; empty for any
	ExpectARNs     []string // of which the repository's must be one; none for any
	HeldARNs       []string // that the state names: a repository of the same name must have the same ARN
}

// Decision is what a cleanup would do to a repository: to be shown, asked about, and then executed as it is.
type Decision struct {
	Repository string
	Registry   string // the account that holds it
	ARN        string
	Filter     Filter
	Missing    bool       // there is no such repository, so nothing to do
	Images     []Deletion // the manifests that go, in order
	Rows       []Row      // the newest of these as ecr:status shows them, announced at most
	Tops       int        // how many such rows there are; 0 where that is not known
	SizeBytes  int64      // of these, compressed; an index adds nothing to its children
	Archived   int        // of these: AWS bills 90 days for an archived image, deleted or not
	Stay       int        // manifests that the filter leaves
	now        time.Time  // by ECR's clock
}

const announced = 20 // how many rows a decision has at most

// Decide says what a cleanup deletes, archived, untagged and referring images included. It refuses a repository of
// another account or ARN than expected. A repository that does not exist is no error.
func Decide(ctx context.Context, api *Client, repository string, o CleanupOptions) (Decision, error) {
	d := Decision{Repository: repository, Filter: o.Filter}
	found, err := Find(ctx, api, repository)
	if err == nil {
		d.Registry, d.ARN, d.now = found.Registry, found.ARN, found.Answered
		if err := o.accepts(repository, d); err != nil {
			return d, err
		}
		if o.Filter.OlderThan != 0 && d.now.IsZero() {
			return d, fmt.Errorf("ECR's answer about %q has no date, so the age of its images is not known", repository)
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
	for _, arn := range o.HeldARNs {
		if arn != d.ARN && strings.HasSuffix(arn, ":repository/"+repository) {
			faults = append(faults, fmt.Errorf("its ARN is %q, and the state names %q", d.ARN, arn))
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return hint.Add(fmt.Errorf("refusing to clean %q: %w", repository, errors.Join(faults...)),
		"check the profile and the region that are in use; nothing was deleted")
}

// choose fills in what to delete. Without a filter, manifests are read only to name it, where that takes few calls.
func (d *Decision) choose(ctx context.Context, api *Client) error {
	if d.Filter.All() {
		if err := eachImage(ctx, api, d.Repository, d.add); err != nil {
			return err
		}
		if len(d.Images) <= pageSize {
			if inventory, err := TakeInventory(ctx, api, d.Repository, nil); err == nil {
				d.name(inventory.Members)
			}
		}
	} else {
		inventory, err := TakeInventory(ctx, api, d.Repository, nil)
		if err != nil {
			return err
		}
		goes := d.Filter.selected(inventory, d.now)
		for _, m := range goes {
			d.add(m.Image)
		}
		d.name(goes)
		d.Stay = len(inventory.Members) - len(d.Images)
	}
	sortByTurn(d.Images)
	return nil
}

func (d *Decision) name(goes []*Member) {
	part := Inventory{Members: goes}
	d.Rows, d.Tops = part.rows(announced), part.totals().TopLevelCount
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
