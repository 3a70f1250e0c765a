package stack

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// PinFile names the Terraform version that is downloaded where none is found, and that CI runs. tfenv and tenv read it,
// too. A Terraform on the PATH may have another version, if terraform.tf allows it.
const PinFile = ".terraform-version"

// FindTerraform finds or installs the binary, and writes the CLI configuration for its providers, if it needs one.
func FindTerraform(ctx context.Context, s *session.Session, env map[string]string) (
	binary terraform.Binary, cliConfig string, err error,
) {
	if err = CheckLockFile(s.Project); err != nil {
		return binary, "", err
	}
	pinned, unpinned := terraform.Pinned(s.Project.Path(PinFile))
	progress := s.Progress("terraform " + pinned)
	search := TerraformSearch(s, env, pinned)
	search.Story, search.Progress = s.Story(), progress.Set
	binary, err = terraform.Find(ctx, search)
	progress.Done()
	if err != nil && search.Exact == "" {
		err = errors.Join(unpinned, err) // the version to install matters only where none is found
	}
	if err != nil {
		return binary, "", err
	}
	cliConfig, err = ConfigureProviders(s.Project, env)
	return binary, cliConfig, err
}

// CheckLockFile is an error where the lock file of the providers cannot be read.
func CheckLockFile(p *session.Project) error {
	dir := near(p.Path(p.TerraformDir()))
	return hint.Add(terraform.CheckLockFile(dir),
		"take the file of the last commit (git checkout HEAD -- %s), then add what it lacks: %s",
		menu.Quote(terraform.LockFile(dir)), menu.Typed("providers:lock"))
}

// TerraformSearch says where to look for a Terraform, and which version to install otherwise; none if install is empty.
func TerraformSearch(s *session.Session, env map[string]string, install string) terraform.Search {
	return terraform.Search{
		Constraint: s.Settings.RequiredVersion, Exact: env["TERRAFORM_PATH"], Path: env["PATH"], Env: env,
		Dir: s.Project.Path(s.Project.TerraformDir()), CacheDir: s.Project.CacheDir(), Install: install,
	}
}

// ConfigureProviders writes the CLI configuration that leads Terraform to a mirror, where there is one.
func ConfigureProviders(p *session.Project, env map[string]string) (string, error) {
	found, err := ChosenProviders(p, env)
	if err != nil {
		return "", err
	}
	return found.Configure(filepath.Join(p.CacheDir(), "providers.tfrc"))
}

// ChosenProviders is where Terraform gets its providers.
func ChosenProviders(p *session.Project, env map[string]string) (terraform.Providers, error) {
	home, _ := os.UserHomeDir() // none: then there is no configuration of the user's either
	return terraform.ChooseProviders(terraform.ProviderSearch{
		Env: env, Home: home, Dir: p.Path(p.TerraformDir()), Roots: []string{"/opt"},
	})
}
