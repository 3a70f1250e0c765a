package stack

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/settings"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/menu"
)

// SayUnknown tells what stays behind: repositories of locals.tf that exist and are not in the state.
func (d *Stack) SayUnknown(ctx context.Context) error {
	unknown, err := d.unknown(ctx)
	for _, repository := range unknown {
		d.Warn("%s exists, but the state does not know it, so it stays; to take it over first: %s", repository.Name,
			menu.Typed("deploy"))
	}
	return err
}

// heal mends what an interrupted apply can leave: a repository that AWS made and the state does not know, which no
// apply gets past, and one that the state knows as tainted, which the next plan would replace. Both are taken as they
// are.
func (d *Stack) heal(ctx context.Context, yes bool) error {
	unknown, err := d.unknown(ctx)
	if err != nil {
		return err
	}
	var names []string
	for _, repository := range unknown {
		d.Say("%s exists, but the state does not know it", repository.Name)
		names = append(names, repository.Name)
	}
	for _, repository := range d.Held {
		if repository.Tainted {
			d.Say("%s was being created when a run was interrupted", repository.Name)
			names = append(names, repository.Name)
		}
	}
	if names == nil {
		return nil
	}
	if err := d.Session.Ask(ctx, yes, fmt.Sprintf("Take over %s as it is?", strings.Join(names, " and ")),
		"yes"); err != nil {
		return err
	}
	d.Session.Changed = true
	if err := d.Run(d.Story(), func(tf *terraform.Terraform) error { return d.adopt(ctx, tf, unknown) }); err != nil {
		return err
	}
	client, err := d.Session.S3(ctx)
	if err != nil {
		return err
	}
	return d.learn(ctx, client) // the plan may replace what was taken over: what goes with it is to be known
}

// sayHealing tells what heal would take over, to who only looks.
func (d *Stack) sayHealing(ctx context.Context) error {
	unknown, err := d.unknown(ctx)
	for _, repository := range unknown {
		d.Warn("%s exists, but the state does not know it: %s takes it over as it is", repository.Name, menu.Typed("deploy"))
	}
	for _, repository := range d.Held {
		if repository.Tainted {
			d.Warn("%s was being created when a run was interrupted: %s takes it over as it is", repository.Name,
				menu.Typed("deploy"))
		}
	}
	return err
}

// unknown is the repositories of locals.tf that exist and are not in the state.
func (d *Stack) unknown(ctx context.Context) ([]settings.Repository, error) {
	client, err := d.Session.AWS.ECR(ctx)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, repository := range d.Held {
		known[repository.Name] = true
	}
	var found []settings.Repository
	for _, repository := range d.Session.Settings.Repositories {
		if known[repository.Name] {
			continue
		}
		_, err := ecr.Find(ctx, client, repository.Name)
		switch {
		case err == nil:
			found = append(found, repository)
		case !ecr.Missing(err):
			return nil, d.Session.AWS.Explain(err)
		}
	}
	return found, nil
}

// adopt imports what the state does not know, or knows only in part: a tainted entry may lack what outputs.tf reads, so
// it goes first, and its repository comes back whole.
func (d *Stack) adopt(ctx context.Context, tf *terraform.Terraform, unknown []settings.Repository) error {
	imports := map[string]string{}
	for _, repository := range unknown {
		imports[fmt.Sprintf("aws_ecr_repository.app[%q]", repository.App)] = repository.Name
	}
	var partial []string
	for _, repository := range d.Held {
		if repository.Tainted {
			partial = append(partial, repository.Address)
			imports[repository.Address] = repository.Name
		}
	}
	if err := tf.Forget(ctx, partial); err != nil {
		return err
	}
	for _, address := range slices.Sorted(maps.Keys(imports)) {
		if err := tf.Import(ctx, address, imports[address]); err != nil {
			return err
		}
	}
	return nil
}
