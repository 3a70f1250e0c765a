package session

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/settings"
)

// Sides opens the environment that is worked on and another one, to. Keys or AWS_PROFILE of this process count for the
// side in the account that they are of, and the other side has its own profile. A side to read that has no credentials of
// its own is read with those of the other side. AWS_REGION counts where both have one region in locals.tf. Each side is
// in its account, or there is an error. target is what to type again.
func Sides(ctx context.Context, to, target string) (here, there *Session, err error) {
	p, err := Find()
	if err != nil {
		return nil, nil, err
	}
	if here, err = Read(p, Where{}); err != nil {
		return nil, nil, err
	}
	mine, other, err := here.pair(to)
	if err != nil {
		return nil, nil, err
	}
	here.Say("promoting from environment %s to environment %s", mine.Name, to)
	var hidden []string
	if mine.Region != other.Region {
		hidden = settings.RegionVariables
	}
	if here, err = readWith(p, Where{}, without(mine.Name, hidden)); err != nil {
		return nil, nil, err
	}
	if there, err = readWith(p, Where{}, without(to, hidden)); err != nil {
		return nil, nil, err
	}
	if mine.Account != other.Account && !Local {
		who, err := here.identify(ctx)
		if err != nil {
			return nil, nil, err
		}
		own, name := &there, to
		if who.Account == other.Account {
			own, name = &here, mine.Name
		}
		if *own, err = readWith(p, Where{}, without(name, append(identityVariables, hidden...))); err != nil {
			return nil, nil, err
		}
		if who.Account == other.Account {
			if err := here.readAcross(ctx, who); err != nil {
				return nil, nil, err
			}
		}
	}
	for _, s := range []*Session{here, there} {
		if err := s.admit(ctx, target); err != nil {
			return nil, nil, fmt.Errorf("environment %s: %w", s.Settings.Name, err)
		}
	}
	return here, there, nil
}

// identify is [Account.Identify], asked once.
func (s *Session) identify(ctx context.Context) (who Identity, err error) {
	if s.who.Account == "" {
		s.who, err = s.AWS.Identify(ctx)
	}
	return s.who, err
}

// readAcross has a side read with the credentials of the other side where it has none of its own, as in a CI job with one
// role. The repositories' policies must let them: readers in locals.tf.
func (s *Session) readAcross(ctx context.Context, other Identity) error {
	own, err := s.identify(ctx)
	if err == nil && own.Account == other.Account {
		s.AWS.Registry = s.AWS.Pinned
	}
	return err
}

// identityVariables are those by which [settings.Load] chooses another identity than the environment's own profile.
var identityVariables = []string{
	"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
	"AWS_CONTAINER_CREDENTIALS_FULL_URI",
}

// without looks variables up for an environment of locals.tf, and does not find those that are hidden.
func without(environment string, hidden []string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		switch {
		case name == settings.EnvironmentVariable:
			return environment, true
		case slices.Contains(hidden, name):
			return "", false
		}
		return os.LookupEnv(name)
	}
}

// pair finds the environment that is worked on, as locals.tf has it, and another one.
func (s *Session) pair(to string) (mine, other settings.Environment, err error) {
	var names []string
	for _, one := range s.Settings.Environments {
		switch one.Name {
		case s.Settings.Name:
			mine = one
			continue
		case to:
			other = one
		}
		names = append(names, one.Name)
	}
	switch {
	case names == nil:
		err = hint.Add(fmt.Errorf("-to=%s: %s is the only environment of locals.tf", to, mine.Name),
			"add one to environments in locals.tf, as docs/configuration.md shows")
	case other.Name == "":
		err = fmt.Errorf("-to=%s: want an environment other than %s: %s", to, mine.Name, strings.Join(names, ", "))
	}
	return mine, other, Mistake(err)
}

// admit warns of what is unusual in the settings of a side, and says who AWS takes it for.
func (s *Session) admit(ctx context.Context, target string) error {
	for _, text := range s.Settings.Warnings {
		once(s.Warn, text)
	}
	who, err := s.identify(ctx)
	if err != nil {
		return err
	}
	named := who
	named.Environment = "" // it begins the line
	how := ""
	if s.AWS.Registry != "" {
		how = "account " + s.AWS.Registry + ", read with the credentials of "
	}
	s.Say("environment %s: %s%s", s.Settings.Name, how, named)
	return s.AWS.Allow(who, target)
}
