package tasks

import (
	"context"
	"fmt"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
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

// Destroy deletes every image, proves the repositories empty, and only then has Terraform delete them. Terraform is
// made ready before the first image is deleted: a missing bucket or provider must show early. A run that was stopped
// half way can be repeated: the next one works on what the state holds then.
func Destroy(ctx context.Context, o DestroyOptions) error {
	opened, err := stack.OpenSession()
	if err != nil {
		return err
	}
	return session.WithSignals(ctx, opened.Console, func(ctx context.Context) error {
		s, release, err := stack.Open(ctx, opened, "destroy", o.LockTimeout)
		if err != nil {
			return err
		}
		defer release()
		if err := s.DropLeftovers(ctx, o.Yes); err != nil {
			return err
		}
		if err := s.Init(ctx); err != nil {
			return err
		}
		if err := s.WarnUnknown(ctx); err != nil {
			return err
		}
		return destroy(ctx, s, o.Yes)
	})
}

// destroy empties exactly the repositories that the state holds, as Terraform will delete those, and no others.
func destroy(ctx context.Context, s *stack.Stack, yes bool) error {
	cleaner, err := registry.NewCleaner(ctx, s.Session, menu.Typed("destroy"))
	if err != nil {
		return err
	}
	decisions, err := decideForState(ctx, s, cleaner)
	if err != nil {
		return err
	}
	registry.AnnounceCleanup(s.Console, decisions)
	if err := s.Ask(ctx, yes, destroyQuestion(decisions), "destroy"); err != nil {
		return err
	}
	// somebody may have selected a workspace since the question was asked
	if err := stack.CheckState(s.Session); err != nil {
		return err
	}
	for _, decision := range decisions {
		if err := cleaner.Execute(ctx, decision); err != nil {
			return err
		}
	}
	return s.Destroy(ctx)
}

// decideForState decides for each repository that the state holds.
func decideForState(ctx context.Context, s *stack.Stack, cleaner *registry.Cleaner) ([]ecr.Decision, error) {
	var names, arns []string
	for _, repository := range s.Held {
		if repository.ARN == "" {
			err := fmt.Errorf("the state knows %s only in part: its creation was interrupted", repository.Name)
			return nil, hint.Add(err, "take it over first: %s", menu.Typed("deploy"))
		}
		names, arns = append(names, repository.Name), append(arns, repository.ARN)
	}
	return cleaner.Decide(ctx, names, ecr.CleanupOptions{ExpectRegistry: s.Session.AWS.Pinned, ExpectARNs: arns})
}

// destroyQuestion says what a destroy deletes.
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
