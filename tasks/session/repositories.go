package session

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
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
func (s *Session) Repository(app string) string {
	for _, repository := range s.Settings.Repositories {
		if repository.App == app {
			return repository.Name
		}
	}
	return ""
}

// NoImage says that repositories have no image of the name that was asked for. It is nil for no repositories. Both hints
// name what to type; more is the second.
func NoImage(named string, repositories []string, more string) error {
	if len(repositories) == 0 {
		return nil
	}
	return hint.Add(fmt.Errorf("no image %q in %s", named, strings.Join(repositories, ", ")),
		"see what is there: %s%s", menu.Typed("ecr:status"), more)
}

// Several adds to an error about a name of several images how to find a longer one.
func Several(err error, repository string) error {
	if !errors.Is(err, ecr.ErrSeveral) {
		return err
	}
	return hint.Add(err, "give more of its digits: %s has all", menu.Typed("ecr:status", "-json", "-repo="+repository))
}

// Missing says that repositories do not exist, in which account, and how to make them. It is nil for no names. If AWS
// does not tell the account, it names the region alone. Of another account than locals.tf pins, it says that instead.
func Missing(ctx context.Context, account Account, names []string) error {
	if len(names) == 0 {
		return nil
	}
	where := account.Region
	if who, err := account.Identify(ctx); err == nil {
		if err := account.Allow(who, ""); err != nil {
			return err
		}
		where = who.String()
	}
	text := "repository %s does not exist in %s"
	if len(names) > 1 {
		text = "repositories %s do not exist in %s"
	}
	err := fmt.Errorf(text, console.Quoted(names), where)
	if account.Elsewhere {
		return hint.Add(err, "leave -region out, or make them there: AWS_REGION=%s %s", account.Region, menu.Typed("deploy"))
	}
	return hint.Add(err, "make what is missing: %s", menu.Typed("deploy"))
}
