// Package tasks is what each target of the menu means: which settings it takes, which mechanisms it calls in which order, and
// what it prints. It is the one package that knows of more than one mechanism, and the one that reads the environment.
//
// Answers go to stdout and the story to stderr; an error ends with a hint where there is something to type next.
package tasks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/mod/modfile"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"

	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/settings"
)

const (
	module     = "envoy-proxy-poc"
	terraforms = "terraform/04-ecr-repositories"
)

// attempts an AWS call is made before its error is reported. ECR throttles deletes and pushes by the second (user guide, service quotas),
// so the SDK's 3 would give up while the account is merely busy.
const attempts = 8

// Account is where a target works. A nil field means that the flag was not given.
type Account struct {
	Region, Profile *string
}

// session is what every target starts from: where the project is, what is set, and how to talk.
type session struct {
	*console.Console
	settings.Settings
	root  string
	begun bool // something was changed, before the question that a run asks
}

// find is a session without settings: it has found the project.
func find() (*session, error) {
	root, err := findRoot()
	if err != nil {
		return nil, err
	}
	return &session{Console: talk(), root: root}, nil
}

// open finds the project and reads its settings, and says what is odd about them.
func open(flags Account) (*session, error) {
	s, err := find()
	if err != nil {
		return nil, err
	}
	s.Settings, err = settings.Load(s.path(terraforms), settings.Override{
		Region: flags.Region, Profile: flags.Profile, LookupEnv: os.LookupEnv,
	})
	if err != nil {
		return nil, err
	}
	for _, warning := range s.Warnings {
		s.Warn("%s", warning)
	}
	return s, nil
}

func talk() *console.Console {
	_, noColor := os.LookupEnv("NO_COLOR")
	return console.New(os.Stdin, os.Stdout, os.Stderr, noColor)
}

func (s *session) path(elem ...string) string {
	return filepath.Join(append([]string{s.root}, elem...)...)
}

// findRoot is the folder of this project's go.mod and configuration, at or above the working directory.
func findRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		text, _ := os.ReadFile(filepath.Join(dir, "go.mod"))
		configuration, err := os.Stat(filepath.Join(dir, terraforms))
		if modfile.ModulePath(text) == module && err == nil && configuration.IsDir() {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("not in a checkout of this project: no folder at or above %q has module %s and %s", start, module, terraforms)
		}
	}
}

// aws is the SDK's configuration for a region: the profile that settings resolved, or the environment's credentials.
func (s *session) aws(ctx context.Context, region string) (aws.Config, error) {
	options := []func(*config.LoadOptions) error{
		config.WithRegion(region),
		config.WithLogger(logging.Nop{}), // what it warns of comes back as an error, where it matters
		config.WithRetryer(func() aws.Retryer { return retry.NewStandard(retries) }),
	}
	if s.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(s.Profile))
	}
	loaded, err := config.LoadDefaultConfig(ctx, options...)
	if missing := (config.SharedConfigProfileNotExistError{}); errors.As(err, &missing) {
		return aws.Config{}, hint.Add(fmt.Errorf("profile %q is not in %s", s.Profile, strings.Join(profileFiles(), " or ")),
			"add it (aws configure --profile %s), or name another: AWS_PROFILE=…; without an account: mage local …", s.Profile)
	}
	if err != nil {
		return aws.Config{}, fmt.Errorf("reading the AWS configuration: %w", err)
	}
	return loaded, nil
}

// retries are how the SDK tries calls again.
func retries(o *retry.StandardOptions) {
	o.MaxAttempts = attempts
	o.Retryables = slices.Concat([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(nobodyListens), retry.IsErrorRetryableFunc(quotas)}, o.Retryables,
		[]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(cutShort)})
}

// nobodyListens ends the retries where an endpoint refuses connections: AWS never does, so it is a server that is not running.
func nobodyListens(err error) aws.Ternary {
	if errors.Is(err, syscall.ECONNREFUSED) {
		return aws.FalseTernary
	}
	return aws.UnknownTernary
}

// quotas ends the retries where ECR names a quota, as one scan of an image in 24 hours: the SDK takes the code for throttling.
func quotas(err error) aws.Ternary {
	if awserr.Quota(err) {
		return aws.FalseTernary
	}
	return aws.UnknownTernary
}

// cutShort has an answer that broke off asked for again; the SDK does so only with one that never began.
func cutShort(err error) aws.Ternary {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}

// explain adds what to type next to an error of AWS.
func (s *session) explain(err error) error {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return hint.Add(err, "nobody listens at the endpoint that profile %q or AWS_ENDPOINT_URL names; if that is the local AWS: mage serve", s.Profile)
	case errors.Is(err, awserr.ErrNoBucket):
		return hint.Add(err, "make it: %s", typed("state:bootstrap"))
	case awserr.Quota(err):
		return hint.Add(err, "this is a quota of the account, not the request rate: delete images (%s) or raise it in Service Quotas", typed("ecr:cleanup"))
	}
	return awserr.Explain(err, s.Profile)
}

// profileFiles is where the SDK looks for profiles.
func profileFiles() []string {
	files := []string{config.DefaultSharedConfigFilename(), config.DefaultSharedCredentialsFilename()}
	for i, name := range []string{"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"} {
		if file := os.Getenv(name); file != "" {
			files[i] = file
		}
	}
	return files
}
