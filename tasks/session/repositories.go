package session

import (
	"fmt"
	"strings"
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
