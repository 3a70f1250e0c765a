package stack

import (
	"context"
	"errors"

	"github.com/magefile/mage/mg"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// Drift shows what Deploy would change, and exits 0 when that is nothing, 3 when it is something, 1 when it cannot be
// told.
func Drift(ctx context.Context) error {
	return looking(ctx, "drift", func(ctx context.Context, d *Stack) error {
		plan, err := d.preview(ctx)
		if err != nil || !plan.Changes {
			return err
		}
		// Outermost: Mage reads the exit code of nothing that is wrapped.
		return mg.Fatal(session.Refused,
			hint.Add(errors.New("AWS is not as the code says"), "make it so: %s", menu.Typed("deploy")))
	})
}
