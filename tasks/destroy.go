package tasks

import (
	"context"
	"fmt"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
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

// Destroy deletes what Terraform's destroy plan deletes, and the images of its repositories before. One lock covers the
// plan, the question, the images and the apply: no other run can change the state in between. A run that was stopped
// half way can be repeated.
func Destroy(ctx context.Context, o DestroyOptions) error {
	return stack.Run(ctx, func(ctx context.Context, opened *session.Session) error {
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
		return s.PlanDestroy(ctx, func(plan terraform.Plan, apply func() error) error {
			if err := s.WarnUnknown(ctx); err != nil || !plan.Changes {
				return err
			}
			return destroy(ctx, s, plan, apply, o.Yes)
		})
	})
}

// destroy empties exactly the repositories that the plan deletes, proves them empty, and only then applies the plan.
func destroy(ctx context.Context, s *stack.Stack, plan terraform.Plan, apply func() error, yes bool) error {
	cleaner, err := registry.NewCleaner(ctx, s.Session, menu.Typed("destroy"))
	if err != nil {
		return err
	}
	decisions, err := decide(ctx, s, cleaner, plan)
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
	if err := s.CheckLock(ctx, "nothing was deleted"); err != nil {
		return err
	}
	for _, decision := range decisions {
		if _, err := cleaner.Execute(ctx, decision); err != nil {
			return err
		}
	}
	if err := s.CheckLock(ctx, "the images were deleted, the repositories were not"); err != nil {
		return err
	}
	return apply()
}

func decide(ctx context.Context, s *stack.Stack, cleaner *registry.Cleaner, plan terraform.Plan) (
	[]ecr.Decision, error,
) {
	var names, arns []string
	for _, change := range plan.Actions {
		if change.Type == "aws_ecr_repository" && change.Action == "delete" {
			names, arns = append(names, change.Name), append(arns, change.ARN)
		}
	}
	return cleaner.Decide(ctx, names, ecr.CleanupOptions{ExpectRegistry: s.Session.AWS.Pinned, ExpectARNs: arns})
}

func destroyQuestion(decisions []ecr.Decision) string {
	if len(decisions) == 0 {
		return "The plan deletes no repository. Apply it?"
	}
	var names []string
	for _, decision := range decisions {
		names = append(names, decision.Repository)
	}
	return fmt.Sprintf("Delete %s and %s (%s)?", registry.Images(decisions...),
		console.Count(len(names), "repository", "repositories"), strings.Join(names, ", "))
}
