package registry

import (
	"fmt"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// missing makes a target exit 1 after its answer, when a repository does not exist.
func missing(region string, names []string) error {
	if len(names) == 0 {
		return nil
	}
	return hint.Add(fmt.Errorf("repositories missing in %s: %s", region, console.Quoted(names)),
		"make what is missing: %s", menu.Typed("deploy"))
}

// openRepositories is a session with the repositories that were asked for.
func openRepositories(flags session.Where, asked string) (*session.Session, []string, error) {
	s, err := session.Open(flags)
	if err != nil {
		return nil, nil, err
	}
	names, err := s.RepositoryNames(asked)
	return s, names, err
}
