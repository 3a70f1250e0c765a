package stack

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/settings"
	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// CheckState is an error where Terraform would use another state, another lock, or another identity than these targets
// do. Otherwise destroy would delete the images of one state and destroy the repositories of the other. A workspace
// that a file selects is refused too: TF_WORKSPACE=default would overrule the file, but terraform-exec never passes it
// on.
func CheckState(s *session.Session) error {
	dir := s.Project.Path(s.Project.TerraformDir())
	given := settings.Given{LookupEnv: os.LookupEnv, Variables: map[string]string{"environment": s.Settings.Given}}
	if !session.Local { // there the address decides, and the user's variables are for AWS
		given.Variables["region"], given.Variables["profile"] = s.AWS.Region, s.AWS.Profile
	}
	strays, err := settings.Strays(dir, given)
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
	name, file := terraform.Workspace(DataDir(s))
	if name != terraform.DefaultWorkspace {
		fix := "terraform -chdir=" + menu.Quote(near(dir)) + " workspace select default"
		if session.Local { // the user's shell does not have the TF_DATA_DIR of mage local
			fix = "rm " + menu.Quote(near(file))
		}
		add(fix, "%s selects the workspace %q, %s", near(file), name, only)
	}
	for _, stray := range strays {
		stray.File = near(stray.File)
		if stray.Fix == "" {
			stray.Fix = fmt.Sprintf("mv %s %s", menu.Quote(stray.File), menu.Quote(stray.File+".off"))
		}
		add(stray.Fix, "%s", stray)
	}
	return hint.Add(errors.Join(faults...), "%s", strings.Join(slices.Compact(fixes), "; "))
}

// checkBackend is an error where an init chose another state than these targets read. CheckState is asked again: files
// may have changed since the target began.
func (s *Stack) checkBackend(chosen terraform.Initialised) error {
	if err := CheckState(s.Session); err != nil {
		return err
	}
	differences := s.Session.Settings.Differences(chosen.Type, chosen.Config)
	if differences == nil {
		return nil
	}
	err := fmt.Errorf("terraform was initialised for another backend (%s): %s", near(chosen.File),
		strings.Join(differences, "; "))
	return hint.Add(err, "rm %s; then once more: %s", menu.Quote(near(chosen.File)), menu.Typed(cmp.Or(s.target, "plan")))
}

// DataDir is Terraform's data folder. Each environment that is not the default has its own.
func DataDir(s *session.Session) string {
	data := terraform.DataDir(s.Project.Path(s.Project.TerraformDir()), os.Getenv("TF_DATA_DIR"))
	if name := s.Settings.Given; name != "" {
		return filepath.Join(data, "environments", name)
	}
	return data
}

// near is a path as it is typed in the working directory.
func near(path string) string {
	here, _ := os.Getwd() // without one, nothing is relative to it
	if relative, err := filepath.Rel(here, path); err == nil {
		return relative
	}
	return path
}

// CheckRegion is an error where the repositories of the state are in another region: Terraform would find none of them,
// create new ones here, and forget those there.
func CheckRegion(s *session.Session, held []state.Repository) error {
	var elsewhere []string
	region := ""
	for _, repository := range held {
		if at := repository.Region(); at != "" && at != s.AWS.Region {
			region = at
			elsewhere = append(elsewhere, repository.Name)
		}
	}
	if elsewhere == nil {
		return nil
	}
	err := fmt.Errorf("the state's repositories %s are in %s, not in %s",
		strings.Join(elsewhere, ", "), region, s.AWS.Region)
	return hint.Add(err, "work on them: AWS_REGION=%s %s; to move them: destroy them there first",
		region, menu.Typed("plan"))
}
