package session

import (
	"context"
	"fmt"
	"strings"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
)

// RepositoryNames are the names of all repositories of locals.tf, or of the one that was asked for by name or key.
func (s *Session) RepositoryNames(asked string) ([]string, error) {
	var all, known []string
	for _, repository := range s.Settings.Repositories {
		if asked == repository.App || asked == repository.Name {
			return []string{repository.Name}, nil
		}
		all = append(all, repository.Name)
		known = append(known, fmt.Sprintf("%s (%s)", repository.App, repository.Name))
	}
	if asked != "" {
		return nil, Mistake(fmt.Errorf("unknown repository %q: locals.tf has %s", asked, strings.Join(known, ", ")))
	}
	return all, nil
}

// Repository is the name of an app's repository.
func (s *Session) Repository(app string) (string, bool) {
	for _, repository := range s.Settings.Repositories {
		if repository.App == app {
			return repository.Name, true
		}
	}
	return "", false
}

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
