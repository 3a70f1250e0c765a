package tasks

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/settings"
	"envoy-proxy-poc/tasks/internal/terraform"
)

// openState is open for the targets that use the state, and refuses another state before anything is read.
func openState() (*session, error) {
	s, err := open(Account{})
	if err != nil {
		return nil, err
	}
	return s, s.anotherState()
}

// anotherState is an error where Terraform would use another state, or another lock, than these targets read. Otherwise
// destroy would delete the images of one state and destroy the repositories of the other. A workspace that a file
// selects is refused too: TF_WORKSPACE=default would overrule the file, but terraform-exec never passes it on.
func (s *session) anotherState() error {
	dir := s.path(terraforms)
	strays, err := settings.Strays(dir)
	if err != nil {
		return err
	}
	var faults []error
	var fixes []string
	add := func(fix, format string, args ...any) {
		faults = append(faults, fmt.Errorf(format, args...))
		fixes = append(fixes, fix)
	}
	const only = "and these targets work on the workspace \"default\" only"
	if name := os.Getenv("TF_WORKSPACE"); name != "" && name != terraform.DefaultWorkspace {
		add("unset TF_WORKSPACE", "TF_WORKSPACE is %q, %s", name, only)
	}
	name, file := terraform.Workspace(terraform.DataDir(dir, os.Getenv("TF_DATA_DIR")))
	if name != terraform.DefaultWorkspace {
		fix := "terraform -chdir=" + shellQuote(near(dir)) + " workspace select default"
		if unattended { // the user's shell does not have the TF_DATA_DIR of mage local
			fix = "rm " + shellQuote(near(file))
		}
		add(fix, "%s selects the workspace %q, %s", near(file), name, only)
	}
	for _, stray := range strays {
		stray.File = near(stray.File)
		if stray.Fix == "" {
			stray.Fix = fmt.Sprintf("mv %s %s", shellQuote(stray.File), shellQuote(stray.File+".off"))
		}
		add(stray.Fix, "%s", stray)
	}
	return hint.Add(errors.Join(faults...), "%s", strings.Join(slices.Compact(fixes), "; "))
}

// near is a path as it is typed in the working directory.
func near(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if relative, err := filepath.Rel(here, path); err == nil {
		return relative
	}
	return path
}
