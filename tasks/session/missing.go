package session

import (
	"context"
	"fmt"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
)

// Missing says that repositories do not exist, in which account, and how to make them. It is nil for no names. If AWS
// does not tell the account, it names the region alone.
func Missing(ctx context.Context, account Account, names []string) error {
	if len(names) == 0 {
		return nil
	}
	where := account.Region
	if who, err := account.Identify(ctx); err == nil {
		where = who.String()
	}
	text := "repository %s does not exist in %s"
	if len(names) > 1 {
		text = "repositories %s do not exist in %s"
	}
	return hint.Add(fmt.Errorf(text, console.Quoted(names), where), "make what is missing: %s", menu.Typed("deploy"))
}
