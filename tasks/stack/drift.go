package stack

import (
	"context"
	"errors"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// Drift shows what Deploy would change. It exits 0 when that is nothing, 3 when it is something, and 1 when the answer
// is not known. lock is as for [Plan].
func Drift(ctx context.Context, asJSON, lock bool) error {
	return look(ctx, "drift", lock, func(ctx context.Context, s *Stack) error {
		out, show := s.Out(), s.AnswerLines
		if asJSON {
			out, show = s.Story(), s.SayLines
		}
		return s.withPlan(ctx, out, show, func(plan terraform.Plan, _ map[string]loss, _ func() error) error {
			err := s.Err()
			if asJSON {
				err = s.JSON(plan)
			}
			if err != nil || !plan.Changes {
				return err
			}
			return session.Refuse(
				hint.Add(errors.New("AWS is not as the code says"), "make it so: %s", menu.Typed("deploy")))
		})
	})
}
