package settings

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/internal/hint"
)

// EnvironmentVariable names the environment to work on; empty or unset for the default one.
const EnvironmentVariable = "DEPLOY_ENVIRONMENT"

// Environment is one set of values of locals.tf and backend.tf. The default one has the values that stand there, any
// other has those of its entry in local.environments over them.
type Environment struct {
	Name            string // of the default environment: local.environment
	Given           string // the value of var.environment: empty for the default
	Region, Profile string
	Account         string       // the twelve digits that locals.tf pins, or empty
	Repositories    []Repository // in the order of their keys. None has a name or a key of another.
	Backend         Backend
}

// readEnvironments reads the settings of every environment, the default first.
func readEnvironments(f *file, base Backend) []Settings {
	first := Settings{Environment: Environment{Name: "default", Backend: base}}
	l := newScope(f, "")
	first.readLocals(l)
	l.optional("environment", func(it item) { first.Name = it.text(rule{}) })
	all := []Settings{first}
	l.optional("environments", func(it item) {
		entries, _ := it.entries(`environments such as { prod = { account_id = "…" } }`)
		for _, entry := range entries {
			if !environmentRule.pattern.MatchString(entry.key) || entry.key == first.Name {
				entry.fault("%s, and not %s's own", environmentRule.broken(entry.key), first.Name)
			}
			all = append(all, readEnvironment(entry, base))
		}
	})
	for _, s := range all {
		if len(all) > 1 && s.Account == "" && f.faults == nil {
			f.faults = append(f.faults, fault{err: fmt.Errorf(
				"environment %s has no account_id in %s: want one for each environment where there are several", s.Name, f.path)})
		}
	}
	return all
}

// ownSettings are what an entry of local.environments may set. Terraform lays the same over its locals.
var ownSettings = []string{
	"account_id", "image_tag_mutability", "kms_key", "profile", "protect_tags", "readers", "region", "repositories",
	"retention_days", "scan_on_push", "state",
}

func readEnvironment(entry keyedItem, base Backend) Settings {
	s := Settings{Environment: Environment{Name: entry.key, Given: entry.key, Backend: base}}
	s.Backend.Key = entry.key + "/" + base.Key
	l := newScope(entry.file, entry.key)
	values, _ := entry.entries("settings of the environment")
	for _, value := range values {
		switch {
		case !slices.Contains(ownSettings, value.key):
			value.fault("an environment can set %s", strings.Join(ownSettings, ", "))
		case value.key == "state":
			s.Backend.lay(value.item)
		default:
			l.own[value.key] = value.item
		}
	}
	s.readLocals(l)
	if _, own := l.own["account_id"]; !own { // the default's is not meant
		s.Account = ""
	}
	return s
}

// lay puts the values of an environment's state over those of backend.tf.
func (b *Backend) lay(it item) {
	const want = "some of bucket, key, region and kms_key_id"
	values, _ := it.entries(want)
	for _, value := range values {
		switch value.key {
		case "bucket":
			b.Bucket = value.text(bucketRule)
		case "key":
			b.Key = value.text(keyRule)
		case "region":
			b.Region = value.text(regionRule)
		case "kms_key_id":
			b.KMSKey = value.text(rule{})
		default:
			value.fault("want %s", want)
		}
	}
}

// MistypedError is the error of a word of the command line, or of the variable that stands for it.
type MistypedError struct{ error }

func (e MistypedError) Unwrap() error { return e.error }

// choose finds the environment that the variable names.
func (o Override) choose(all []Settings) (int, error) {
	name := o.env(EnvironmentVariable)
	if name == "" {
		return 0, nil
	}
	var names []string
	for i, s := range all {
		if s.Name == name {
			return i, nil
		}
		names = append(names, s.Name)
	}
	err := fmt.Errorf("there is no environment %q: locals.tf has %s", name, strings.Join(names, ", "))
	return 0, hint.Add(MistypedError{err}, "type env %s, or add %s to environments in locals.tf",
		hint.Quote(cmp.Or(Nearest(name, names), names[0])), hint.Quote(name))
}

// apart is an error where two environments would share a state or a repository.
func apart(all []Settings) error {
	var faults []error
	for i, a := range all {
		for _, b := range all[:i] {
			if a.Backend.Bucket == b.Backend.Bucket && a.Backend.Key == b.Backend.Key {
				faults = append(faults, fmt.Errorf("the environments %s and %s share the state s3://%s/%s: "+
					"set state = { key = \"…\" } of one in locals.tf", b.Name, a.Name, a.Backend.Bucket, a.Backend.Key))
			}
			if name := a.shares(b.Environment); name != "" && a.Account == b.Account {
				faults = append(faults, fmt.Errorf("the environments %s and %s share the repository %s in %s: "+
					"use ${local.environment} in the names of local.repositories", b.Name, a.Name, name, a.Region))
			}
		}
	}
	return errors.Join(faults...)
}

// shares is the name of a repository that both have in one region.
func (e Environment) shares(other Environment) string {
	for _, own := range e.Repositories {
		same := func(r Repository) bool { return r.Name == own.Name }
		if e.Region == other.Region && slices.ContainsFunc(other.Repositories, same) {
			return own.Name
		}
	}
	return ""
}
