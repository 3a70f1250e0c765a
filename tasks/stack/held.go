package stack

import (
	"context"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// HeldARNs are the ARNs of the repositories that the state holds in the region. A region that is not the state's is an
// error, unless a flag names it. A state that cannot be read is none: a cleanup works without one.
func HeldARNs(ctx context.Context, s *session.Session, named bool) (arns []string, err error) {
	document, err := ReadState(ctx, s)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		what, _ := hint.Parts(err)
		s.Say("the repositories are not compared with the state, which cannot be read: %s", what)
		return nil, nil
	}
	held := document.Repositories()
	if err := CheckRegion(s, held); err != nil && !named {
		return nil, hint.Add(err, "without AWS_REGION it works on them; to delete images in %s: %s", s.AWS.Region,
			menu.Typed("ecr:cleanup", "-region="+s.AWS.Region))
	}
	for _, repository := range held {
		if repository.Region() == s.AWS.Region {
			arns = append(arns, repository.ARN)
		}
	}
	return arns, nil
}
