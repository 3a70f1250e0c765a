package tasks

import (
	"context"
	"fmt"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/registry"
	"envoy-proxy-poc/tasks/session"
	"envoy-proxy-poc/tasks/stack"
)

// DestroyOptions are the flags of destroy.
type DestroyOptions struct {
	Yes         bool // do not ask for the word
	LockTimeout time.Duration
}

// Destroy deletes every image, proves the repositories empty, and only then has Terraform remove them. Terraform is
// made ready before the first image goes: a missing bucket or provider must not be found out afterwards. Where it was
// stopped half way, it goes on the next time: it goes by what the state holds then.
func Destroy(ctx context.Context, o DestroyOptions) error {
	s, err := stack.OpenState()
	if err != nil {
		return err
	}
	return session.WithSignals(ctx, s.Console, func(ctx context.Context) error {
		return stack.WithTerraform(ctx, s, "destroy", o.LockTimeout, func(ctx context.Context, d *stack.Stack) error {
			if err := d.TakeOver(ctx, o.Yes); err != nil {
				return err
			}
			if err := d.Init(ctx); err != nil {
				return err
			}
			return destroy(ctx, d, o)
		})
	})
}

// destroy empties what the state holds, which is what Terraform will remove: no repository that it does not know, and
// none that locals.tf does not name any more is left out.
func destroy(ctx context.Context, d *stack.Stack, o DestroyOptions) error {
	if err := d.SayUnknown(ctx); err != nil {
		return err
	}
	cleaner, err := registry.NewCleaner(ctx, d.Session, menu.Typed("destroy"))
	if err != nil {
		return err
	}
	decisions, err := decideForState(ctx, d, cleaner)
	if err != nil {
		return err
	}
	registry.AnnounceCleanup(d.Console, decisions)
	if err := d.Session.Ask(ctx, o.Yes, destroyQuestion(decisions), "destroy"); err != nil {
		return err
	}
	// somebody may have selected a workspace while the question stood
	if err := stack.AnotherState(d.Session); err != nil {
		return err
	}
	for _, decision := range decisions {
		if err := cleaner.Execute(ctx, decision); err != nil {
			return err
		}
	}
	return d.Run(d.Story(), func(tf *terraform.Terraform) error { return tf.Destroy(ctx) })
}

// decideForState decides for each repository that the state holds.
func decideForState(ctx context.Context, d *stack.Stack, cleaner *registry.Cleaner) ([]ecr.Decision, error) {
	var names, arns []string
	for _, repository := range d.Held {
		if repository.ARN == "" {
			return nil, hint.Add(fmt.Errorf("the state knows %s only in part: its creation was interrupted", repository.Name),
				"take it over first: %s", menu.Typed("deploy"))
		}
		names, arns = append(names, repository.Name), append(arns, repository.ARN)
	}
	return cleaner.Decide(ctx, names, ecr.CleanupOptions{ExpectRegistry: d.Session.AWS.Pinned, ExpectARNs: arns})
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
	return fmt.Sprintf("Delete %s and %s (%s)?", console.Count(images, "image", "images"),
		console.Count(len(names), "repository", "repositories"), strings.Join(names, ", "))
}
