// Package settings reads locals.tf and backend.tf as Terraform does, and puts the environment and the flags of a
// command line over them.
//
// [Load] evaluates references among locals, templates, conditionals, for expressions and Terraform's pure functions.
// All faults are reported at once, each with its file and line. Variables but var.environment, resources, data sources
// and functions that touch a file or the clock are unknown here, and a setting that needs one is a fault. Other locals
// may use them.
package settings

import (
	"errors"
	"path/filepath"
)

// Settings is what the tasks need to know about the configuration in one folder.
type Settings struct {
	// The one that is worked on. Region is the flag's, else that of a variable of RegionVariables, else its own. Profile
	// is the flag's, else AWS_PROFILE's, else its own; empty for the environment's credentials.
	Environment
	Elsewhere    bool              // -region names another region than locals.tf
	Environments []Environment     // all, as the files have them. The default is the first.
	ProtectTags  []string          // the patterns of tags that the lifecycle policy keeps, sorted
	SourceURL    string            // where the sources are, or empty
	Tags         map[string]string // that every repository has
	Recipes      map[string]Recipe // what the repositories' lines say of building, by app

	RequiredVersion string   // terraform.tf's constraint, such as ">= 1.11.0, < 2.0.0", or empty
	Warnings        []string // for a person to read, one sentence each
}

// Repository is one entry of local.repositories.
type Repository struct {
	App  string // the key: the folder below apps/, and what the user types
	Name string // the repository's name in ECR
}

// Recipe is what an entry says of the build of its image. What it does not say is empty.
type Recipe struct {
	Engine          string            // native or docker
	BuildArgs       map[string]string // for Docker, as are the next two
	Context, Target string
	Platforms       []string
}

// Backend is the S3 backend as backend.tf and the environment have it. What a command line adds with -backend-config is
// not in it.
type Backend struct {
	Bucket, Key, Region string
	Profile             string // empty if backend.tf names none
	KMSKey              string // for what Terraform writes; empty if backend.tf names none
	Table               string // where Terraform locks too, which the tasks do not see; empty if backend.tf names none
}

// Override is what wins over locals.tf. The zero value overrides nothing.
type Override struct {
	Region, Profile *string                     // flags, nil where not given. An empty profile means no profile.
	LookupEnv       func(string) (string, bool) // such as [os.LookupEnv]; nil is an empty environment
}

// Load reads the settings of the Terraform configuration in dir. Its error joins every fault, each with its place, as
// dir/locals.tf:12. A file that is not there answers to [io/fs.ErrNotExist].
func Load(dir string, o Override) (Settings, error) {
	locals := newFile(filepath.Join(dir, "locals.tf"))
	backend := newFile(filepath.Join(dir, "backend.tf"))
	all := readEnvironments(locals, readBackend(backend))
	chosen, unknown := o.choose(all)
	s := all[chosen]
	for _, each := range all {
		s.Environments = append(s.Environments, each.Environment)
	}
	regionAt := locals.place("region")
	if chosen != 0 {
		regionAt = locals.place("environments")
	}
	overriding := s.override(o, regionAt)
	versions := newFile(filepath.Join(dir, "terraform.tf"))
	s.RequiredVersion = readRequiredVersion(versions)
	if err := errors.Join(locals.err(), backend.err(), versions.err(), unknown, overriding); err != nil {
		return Settings{}, err
	}
	all[chosen].Region = s.Region
	if err := apart(all); err != nil {
		return Settings{}, err
	}
	return s, nil
}
