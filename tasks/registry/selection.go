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
	project *session.Project
	aws     session.Account
	client  *awsecr.Client
	names   []string
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
	return &selection{Console: s.Console, project: s.Project, aws: s.AWS, client: client, names: names}, err
}

// missing makes a target exit 1 after its answer, when a repository does not exist. answer is what ECR said of one:
// that it exists, or an error.
func (s *selection) missing(ctx context.Context, answer func(i int) (exists bool, fault string)) error {
	var names []string
	for i, name := range s.names {
		if exists, fault := answer(i); !exists && fault == "" {
			names = append(names, name)
		}
	}
	return session.Missing(ctx, s.aws, names)
}

// given is a word of a command line, or none.
func given(typed bool, word string) []string {
	if !typed {
		return nil
	}
	return []string{word}
}

// lifeSign returns a function that is true once in ten seconds: then a long wait says that it goes on.
func lifeSign() func() bool {
	said := time.Now()
	return func() bool {
		if time.Since(said) < 10*time.Second {
			return false
		}
		said = time.Now()
		return true
	}
}
