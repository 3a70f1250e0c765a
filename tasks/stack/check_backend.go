package stack

import (
	"cmp"
	"fmt"
	"strings"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/menu"
)

// checkBackend is an error where an init chose another state than these targets read. CheckState is asked again: files
// may have changed since the target began.
func (s *Stack) checkBackend(chosen terraform.Initialised) error {
	if err := CheckState(s.Session); err != nil {
		return err
	}
	differences := s.Session.Settings.Backend.Differences(chosen.Type, chosen.Config)
	if differences == nil {
		return nil
	}
	err := fmt.Errorf("terraform was initialised for another backend (%s): %s", near(chosen.File),
		strings.Join(differences, "; "))
	return hint.Add(err, "rm %s; then once more: %s", menu.Quote(near(chosen.File)), menu.Typed(cmp.Or(s.target, "plan")))
}
