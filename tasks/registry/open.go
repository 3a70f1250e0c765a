package registry

import (
	"context"
	"time"

	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/session"
)

// selection is what a target that only looks works on: repositories of locals.tf, and the client to ask about them.
type selection struct {
	*console.Console
	aws    session.Account
	client *awsecr.Client
	names  []string
}

// open reads the settings and selects the repositories that were asked for: one, or all for "".
func open(ctx context.Context, flags session.Where, asked string) (*selection, error) {
	s, err := session.Open(flags)
	if err != nil {
		return nil, err
	}
	return selectFrom(ctx, s, asked)
}

func selectFrom(ctx context.Context, s *session.Session, asked string) (*selection, error) {
	names, err := s.RepositoryNames(asked)
	if err != nil {
		return nil, err
	}
	client, err := s.AWS.ECR(ctx)
	return &selection{Console: s.Console, aws: s.AWS, client: client, names: names}, err
}

// missing makes a target exit 1 after its answer, when a repository does not exist. absent tells which.
func (s *selection) missing(ctx context.Context, absent func(i int) bool) error {
	var names []string
	for i, name := range s.names {
		if absent(i) {
			names = append(names, name)
		}
	}
	return session.Missing(ctx, s.aws, names)
}

// lifeSign is how often a long wait says that it goes on.
const lifeSign = 10 * time.Second

// everyLifeSign returns a function that is true once each [lifeSign].
func everyLifeSign() func() bool {
	said := time.Now()
	return func() bool {
		if time.Since(said) < lifeSign {
			return false
		}
		said = time.Now()
		return true
	}
}
