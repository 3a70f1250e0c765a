package registry

import (
	"context"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// latestSoon is how long before its end an expiry of what latest points at is warned of.
const latestSoon = 7 * day

// WarnLatest warns where the lifecycle policy is about to delete what latest points at. It does not mention what is not
// known.
func WarnLatest(ctx context.Context, s *session.Session) {
	client, err := s.AWS.ECR(ctx)
	if err != nil {
		return
	}
	for _, repository := range s.Settings.Repositories {
		if at, err := ecr.LatestExpiresAt(ctx, client, repository.Name); err == nil {
			warnLatest(s.Console, repository.Name, at, time.Now())
		}
	}
}

func warnLatest(c *console.Console, name string, at *time.Time, now time.Time) {
	if soon(at, now) {
		c.Warn("%s: the lifecycle policy deletes what latest points at, on %s; to keep it, raise retention_days in "+
			"locals.tf, then: %s", name, console.Time(at), menu.Typed("deploy"))
	}
}

func soon(at *time.Time, now time.Time) bool { return at != nil && at.Sub(now) < latestSoon }
