package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/settings"
	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/menu"
)

// Session is what a target that works on AWS starts from: the project, its settings, and the account they name.
type Session struct {
	*console.Console
	Project  *Project
	Settings settings.Settings
	AWS      Account

	who Identity // whom AWS takes the credentials for, once it was asked
}

// Where are the flags that say where a target works. A nil field means that the flag was not given.
type Where struct {
	Region, Profile *string
}

// Words are the flags as they were typed, for a hint that repeats them.
func (w Where) Words() []string {
	var words []string
	if w.Region != nil {
		words = append(words, "-region="+*w.Region)
	}
	if w.Profile != nil {
		words = append(words, "-profile="+*w.Profile)
	}
	return words
}

// Open finds the project, reads its settings, and warns of what is unusual in them.
func Open(flags Where) (*Session, error) {
	p, err := Find()
	if err != nil {
		return nil, err
	}
	s, err := Read(p, flags)
	if err != nil {
		return nil, err
	}
	if menu.Before() > 0 {
		s.Say("")
	}
	if chosen := s.Settings.Environment; chosen.Given != "" {
		once(s.Say, fmt.Sprintf("environment %s: state s3://%s/%s", chosen.Name, chosen.Backend.Bucket, chosen.Backend.Key))
	}
	for _, text := range s.Settings.Warnings {
		once(s.Warn, text)
	}
	return s, nil
}

// Read reads the project's settings, and keeps their warnings to itself.
func Read(p *Project, flags Where) (*Session, error) { return readWith(p, flags, os.LookupEnv) }

func readWith(p *Project, flags Where, lookup func(string) (string, bool)) (*Session, error) {
	loaded, err := settings.Load(p.Path(p.TerraformDir()), settings.Override{
		Region: flags.Region, Profile: flags.Profile, LookupEnv: lookup,
	})
	if _, mistyped := errors.AsType[settings.MistypedError](err); mistyped {
		err = Mistake(err)
	}
	if err != nil {
		return nil, err
	}
	account := Account{
		Profile: loaded.Profile, Region: loaded.Region, Pinned: loaded.Account, Environment: loaded.Given,
		Elsewhere: loaded.Elsewhere,
		Again:     func(line string) { p.Say("%s", line) },
	}
	for _, one := range loaded.Environments {
		if one.Name == loaded.Name {
			account.Named = one.Profile
		}
	}
	if profile, _ := lookup("AWS_PROFILE"); flags.Profile == nil && profile == "" && bareMachine() {
		account.Profile, account.Absent = "", loaded.Profile
	}
	return &Session{Console: p.Console, Project: p, Settings: loaded, AWS: account}, nil
}

// told holds what this process has said: several targets on one command line read the same settings.
var told sync.Map

func once(say func(format string, args ...any), text string) {
	if _, said := told.LoadOrStore(text, true); !said {
		say("%s", text)
	}
}

// Bucket is the state bucket of the environment.
func (s *Session) Bucket() state.Bucket {
	backend, place := s.Settings.Backend, "backend.tf"
	if given := s.Settings.Given; given != "" {
		place = "locals.tf: " + given + " = { state = { bucket = … } }"
	}
	return state.Bucket{
		Name: backend.Bucket, Region: backend.Region, Account: s.AWS.Pinned, Reason: "which locals.tf pins",
		Place: place, KMSKey: backend.KMSKey,
	}
}

// S3 is a client for the state bucket, in its own region. The bucket's name goes into the path where
// the endpoint is not one of AWS's own, because host names of buckets may not exist there. Terraform is told the same.
func (s *Session) S3(ctx context.Context) (*s3.Client, error) {
	cfg, err := s.AWS.Config(ctx, s.Settings.Backend.Region)
	if err != nil {
		return nil, err
	}
	return s3.NewFromConfig(cfg, func(o *s3.Options) {
		endpoint := aws.ToString(o.BaseEndpoint)
		o.UsePathStyle = endpoint != "" && !strings.Contains(endpoint, ".amazonaws.com")
	}), nil
}
