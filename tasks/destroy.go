package tasks

import (
	"context"
	"fmt"
	"strings"
	"time"

	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"

	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/terraform"
)

// DestroyOptions are the flags of destroy.
type DestroyOptions struct {
	Yes         bool // do not ask for the word
	LockTimeout time.Duration
}

// Destroy deletes every image, proves the repositories empty, and only then has Terraform remove them. Terraform is made
// ready before the first image goes: a missing bucket or provider must not be found out afterwards. Where it was stopped half
// way, it goes on the next time: it goes by what the state holds then.
func Destroy(ctx context.Context, o DestroyOptions) error {
	s, err := openState()
	if err != nil {
		return err
	}
	return withSignals(ctx, s.Console, func(ctx context.Context) error {
		return s.withTerraform(ctx, "destroy", o.LockTimeout, func(ctx context.Context, d *driver) error {
			if err := d.takeOver(ctx, o.Yes); err != nil {
				return err
			}
			if err := d.init(ctx); err != nil {
				return err
			}
			return d.destroy(ctx, o)
		})
	})
}

// destroy empties what the state holds, which is what Terraform will remove: no repository that it does not know, and none
// that locals.tf does not name any more is left out.
func (d *driver) destroy(ctx context.Context, o DestroyOptions) error {
	if err := d.sayUnknown(ctx); err != nil {
		return err
	}
	client, err := d.patientECR(ctx)
	if err != nil {
		return err
	}
	decisions, err := d.doomed(ctx, client)
	if err != nil {
		return err
	}
	d.sayAtStake(decisions)
	if err := d.confirm(ctx, o.Yes, destroyQuestion(decisions), "destroy"); err != nil {
		return err
	}
	if err := d.anotherState(); err != nil { // somebody may have selected a workspace while the question stood
		return err
	}
	for _, decision := range decisions {
		if err := d.empty(ctx, client, decision, typed("destroy")); err != nil {
			return err
		}
	}
	return d.run(d.Story(), func(tf *terraform.Terraform) error { return tf.Destroy(ctx) })
}

// doomed decides for each repository that the state holds.
func (d *driver) doomed(ctx context.Context, client *awsecr.Client) ([]ecr.Decision, error) {
	var names, arns []string
	for _, repository := range d.held {
		if repository.ARN == "" {
			return nil, hint.Add(fmt.Errorf("the state knows %s only in part: its creation was interrupted", repository.Name),
				"take it over first: %s", typed("deploy"))
		}
		names, arns = append(names, repository.Name), append(arns, repository.ARN)
	}
	decisions, err := d.decide(ctx, client, names, ecr.CleanupOptions{ExpectRegistry: d.Account, ExpectARNs: arns})
	return decisions, d.explain(err)
}

// destroyQuestion says what a destroy takes away.
func destroyQuestion(decisions []ecr.Decision) string {
	if len(decisions) == 0 {
		return "The state holds no repository. Remove what else it holds?"
	}
	images := 0
	var names []string
	for _, decision := range decisions {
		images += len(decision.Images)
		names = append(names, decision.Repository)
	}
	return fmt.Sprintf("Delete %s and %s (%s)?", count(images, "image", "images"), count(len(names), "repository", "repositories"), strings.Join(names, ", "))
}

// sayUnknown tells what stays behind: repositories of locals.tf that exist and are not in the state.
func (d *driver) sayUnknown(ctx context.Context) error {
	unknown, err := d.unknown(ctx)
	for _, repository := range unknown {
		d.Warn("%s exists, but the state does not know it, so it stays; to take it over first: %s", repository.Name, typed("deploy"))
	}
	return err
}
