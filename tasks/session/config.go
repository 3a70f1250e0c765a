package session

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/smithy-go/logging"

	"envoy-proxy-poc/tasks/internal/hint"
)

// Config is the SDK's configuration for a region. All regions share the credentials.
func (a Account) Config(ctx context.Context, region string) (aws.Config, error) {
	cfg, err := a.open()
	if err != nil {
		return aws.Config{}, err
	}
	if a.Absent != "" {
		if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
			return aws.Config{}, a.Explain(err)
		}
		once(Talk().Say, fmt.Sprintf("there are no AWS files: the role of this machine is used, not profile %q", a.Absent))
	}
	cfg = cfg.Copy()
	cfg.Region, cfg.APIOptions = region, append(slices.Clone(cfg.APIOptions), a.tellRetries)
	return cfg, nil
}

// opened holds how each profile is read in each environment: mage local changes the environment of the targets after it.
var opened sync.Map // of func() (aws.Config, error)

// open reads the AWS configuration, once a run.
func (a Account) open() (aws.Config, error) {
	if err := settle(a.Profile); err != nil {
		return aws.Config{}, err
	}
	key := strings.Join(append(awsVariables(), a.Profile, a.localKey()), "\x00")
	load, _ := opened.LoadOrStore(key, sync.OnceValues(a.load))
	return load.(func() (aws.Config, error))()
}

// localKey is the access key of the environment's account in the local AWS, which knows accounts by their keys.
func (a Account) localKey() string {
	if !Local {
		return ""
	}
	return a.Pinned
}

// settle removes the variables that say something else to the SDK than to the tasks.
func settle(profile string) error {
	for _, pair := range awsVariables() {
		// set but empty, it hides the profile's endpoint, and the request would go to AWS
		if name, value, _ := strings.Cut(pair, "="); strings.HasPrefix(name, endpointVariable) && value == "" {
			_ = os.Unsetenv(name)
		}
	}
	if profile != "" {
		return nil
	}
	// The SDK would read the profile of the variable, and there is none: -profile= is a choice.
	_, _ = os.Unsetenv("AWS_PROFILE"), os.Unsetenv("AWS_DEFAULT_PROFILE")
	return checkKeys()
}

// awsVariables are the variables of the environment that decide who a run is, sorted.
func awsVariables() []string {
	pairs := slices.DeleteFunc(os.Environ(), func(pair string) bool {
		return !strings.HasPrefix(pair, "AWS_") && !strings.HasPrefix(pair, "HOME=")
	})
	slices.Sort(pairs)
	return pairs
}

func (a Account) load() (aws.Config, error) {
	if _, err := a.authorities(context.Background()); err != nil {
		return aws.Config{}, err
	}
	ring := &keyring{now: time.Now}
	var own aws.CredentialsProvider // nil for the SDK's chain
	if key := a.localKey(); key != "" {
		own = credentials.NewStaticCredentialsProvider(key, LocalKey, "")
	}
	cfg, err := config.LoadDefaultConfig(context.Background(),
		config.WithRegion(a.Region),
		config.WithLogger(logging.Nop{}), // its warnings come back as errors, where they matter
		config.WithRetryer(func() aws.Retryer { return retry.NewStandard(Retries) }),
		config.WithAssumeRoleCredentialOptions(ring.assume), config.WithSharedConfigProfile(a.Profile),
		config.WithCredentialsProvider(own),
		config.WithEndpointCredentialOptions(nearby),
	)
	if missing := (config.SharedConfigProfileNotExistError{}); errors.As(err, &missing) {
		return aws.Config{}, noProfile(a.Profile, "")
	}
	if noCode := (config.AssumeRoleTokenProviderNotSetError{}); errors.As(err, &noCode) {
		err := fmt.Errorf("the role of profile %q wants an MFA code, and there is no terminal to ask for it", a.Profile)
		return aws.Config{}, hint.Add(err,
			"export keys of a session: eval \"$(aws configure export-credentials --profile %s --format env)\"",
			hint.Quote(a.Profile))
	}
	if err != nil {
		err = fmt.Errorf("reading the AWS configuration: %w", err)
		if _, file := errors.AsType[*fs.PathError](err); file {
			err = hint.Add(err, "correct what names that file: ca_bundle in the profile, AWS_CA_BUNDLE or AWS_CONFIG_FILE")
		}
		return aws.Config{}, err
	}
	ring.source, cfg.Credentials = cfg.Credentials, ring
	return cfg, nil
}

// nearby ends the wait for an endpoint that gives a container its keys and does not answer. It is on the same machine.
func nearby(o *endpointcreds.Options) {
	o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(2 * time.Second)
	o.Retryer = retry.AddWithMaxAttempts(retry.NewStandard(), 2)
}

// assume sets what a profile does not say about the session of a role.
func (k *keyring) assume(o *stscreds.AssumeRoleOptions) {
	if o.Duration <= stscreds.DefaultDuration {
		o.Duration = time.Hour // every role allows it
	}
	talk := Talk()
	if o.SerialNumber == nil || !talk.Interactive() {
		return
	}
	// The SDK's cache, which calls this, stops waiting when the context of its own call ends.
	o.TokenProvider = func() (string, error) {
		k.asked.Store(true)
		return talk.ReadLine(context.Background(), fmt.Sprintf("MFA code of %s:", *o.SerialNumber))
	}
}

// endpointVariable is the variable for the address of all services, and the beginning of that of one service.
const endpointVariable = "AWS_ENDPOINT_URL"

// HandOver makes an environment say what the profile sets beside credentials, for a program that does not read the
// profile. What the environment says itself wins, as in the SDK.
func (a Account) HandOver(ctx context.Context, env map[string]string) error {
	cfg, err := a.open()
	if err != nil {
		return err
	}
	var profile config.SharedConfig
	for _, source := range cfg.ConfigSources {
		if read, ok := source.(config.SharedConfig); ok {
			profile = read
		}
	}
	set := func(name, value string) {
		if env[name] == "" && value != "" {
			env[name] = value
		}
	}
	set("AWS_CA_BUNDLE", profile.CustomCABundle)
	set("AWS_RETRY_MODE", string(profile.RetryMode))
	set("AWS_MAX_ATTEMPTS", strings.TrimLeft(strconv.Itoa(profile.RetryMaxAttempts), "0"))
	// these are numbers; 0 is not set
	set("AWS_USE_FIPS_ENDPOINT", []string{"", "true", "false"}[profile.UseFIPSEndpoint])
	set("AWS_USE_DUALSTACK_ENDPOINT", []string{"", "true", "false"}[profile.UseDualStackEndpoint])
	checksums := []string{"", "when_supported", "when_required"}
	set("AWS_REQUEST_CHECKSUM_CALCULATION", checksums[profile.RequestChecksumCalculation])
	set("AWS_RESPONSE_CHECKSUM_VALIDATION", checksums[profile.ResponseChecksumValidation])
	ignored, _, err := config.GetIgnoreConfiguredEndpoints(ctx, cfg.ConfigSources)
	switch {
	case ignored:
		maps.DeleteFunc(env, func(name, _ string) bool { return strings.HasPrefix(name, endpointVariable) })
	case env[endpointVariable] == "": // else no endpoint of the profile counts
		for service, values := range profile.Services.ServiceValues {
			set(endpointVariable+"_"+strings.ToUpper(service), values["endpoint_url"])
		}
		set(endpointVariable, profile.BaseEndpoint)
	}
	return err
}

func noProfile(name, more string) error {
	return hint.Add(fmt.Errorf("profile %q is not in %s%s", name, strings.Join(profileFiles(), " or "), more),
		"add it (aws configure --profile %s), or name another: AWS_PROFILE=NAME; on a machine with a role of its own: "+
			"profile = \"\" in locals.tf; without an account: mage local …", hint.Quote(name))
}

// checkKeys refuses keys of the environment that cannot be sent: a line break or a space, pasted along with the key, is
// no part of an HTTP header. The SDK would try for more than a minute.
func checkKeys() error {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} {
		if strings.ContainsFunc(os.Getenv(name), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
			return hint.Add(fmt.Errorf("%s has white space in it", name), "set it again, without a space or a line break")
		}
	}
	return nil
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

// bareMachine is whether AWS can only know this machine by a role of its own: there are no AWS files.
func bareMachine() bool {
	for _, file := range profileFiles() {
		if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
			return false
		}
	}
	return !strings.EqualFold(os.Getenv("AWS_EC2_METADATA_DISABLED"), "true")
}
