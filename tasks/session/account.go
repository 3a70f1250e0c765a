package session

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"

	"envoy-proxy-poc/tasks/internal/again"
	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
)

// Account is the AWS account that the settings name, and the region of its repositories.
type Account struct {
	Profile string // empty for the credentials of the environment
	Region  string
	Pinned  string       // the account number that locals.tf allows; empty for any
	Again   again.Teller // tells of calls that are tried again; nil for silence
}

// Config is the SDK's configuration for a region.
func (a Account) Config(ctx context.Context, region string) (aws.Config, error) {
	options := []func(*config.LoadOptions) error{
		config.WithRegion(region),
		config.WithLogger(logging.Nop{}), // its warnings come back as errors, where they matter
		config.WithRetryer(func() aws.Retryer { return retry.NewStandard(Retries) }),
		config.WithAPIOptions([]func(*middleware.Stack) error{a.tellRetries}),
	}
	if a.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(a.Profile))
	} else {
		// The SDK would read the profile of the variable, and this account has none: -profile= is a choice.
		_, _ = os.Unsetenv("AWS_PROFILE"), os.Unsetenv("AWS_DEFAULT_PROFILE")
		if err := checkKeys(); err != nil {
			return aws.Config{}, err
		}
	}
	if _, err := a.authorities(ctx); err != nil {
		return aws.Config{}, err
	}
	loaded, err := config.LoadDefaultConfig(ctx, options...)
	if missing := (config.SharedConfigProfileNotExistError{}); errors.As(err, &missing) {
		return aws.Config{}, hint.Add(fmt.Errorf("profile %q is not in %s", a.Profile, strings.Join(profileFiles(), " or ")),
			"add it (aws configure --profile %s), or name another: AWS_PROFILE=NAME; on a machine with a role of its own: "+
				"profile = \"\" in locals.tf; without an account: mage local …", a.Profile)
	}
	if noCode := (config.AssumeRoleTokenProviderNotSetError{}); errors.As(err, &noCode) {
		err := fmt.Errorf("the role of profile %q wants an MFA code, and mage cannot ask for it", a.Profile)
		return aws.Config{}, hint.Add(err,
			"export keys of a session: eval \"$(aws configure export-credentials --profile %s --format env)\"", a.Profile)
	}
	if err != nil {
		return aws.Config{}, fmt.Errorf("reading the AWS configuration: %w", err)
	}
	return loaded, nil
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

// ECR is a client for the region of the repositories.
func (a Account) ECR(ctx context.Context) (*awsecr.Client, error) {
	cfg, err := a.Config(ctx, a.Region)
	if err != nil {
		return nil, err
	}
	return awsecr.NewFromConfig(cfg), nil
}

// Identity is who AWS takes this run for, and where the run works.
type Identity struct {
	Account  string // twelve digits
	ARN      string
	Profile  string // empty for credentials of the environment
	Region   string
	Endpoint string // empty for AWS's own
}

func (i Identity) String() string {
	text := fmt.Sprintf("account %s in %s", i.Account, i.Region)
	if i.Profile != "" {
		text += fmt.Sprintf(" (profile %q)", i.Profile)
	}
	if i.Endpoint != "" {
		text += " at " + i.Endpoint
	}
	return text
}

// Identify asks AWS who this run is (STS GetCallerIdentity, which needs no permission).
func (a Account) Identify(ctx context.Context) (Identity, error) {
	cfg, err := a.Config(ctx, a.Region)
	if err != nil {
		return Identity{}, err
	}
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Identity{}, a.Explain(fmt.Errorf("asking AWS who this is: %w", err))
	}
	return Identity{
		Account: aws.ToString(who.Account), ARN: aws.ToString(who.Arn),
		Profile: a.Profile, Region: a.Region, Endpoint: aws.ToString(cfg.BaseEndpoint),
	}, nil
}

// Allow refuses an identity of another account than the one that locals.tf pins. target is what to type again.
func (a Account) Allow(who Identity, target string) error {
	if a.Pinned == "" || who.Account == a.Pinned {
		return nil
	}
	return hint.Add(fmt.Errorf("these credentials are of %s, and locals.tf allows account %s only", who, a.Pinned),
		"use a profile of that account: AWS_PROFILE=NAME %s", menu.Typed(target))
}

// Check is [Account.Allow] for targets that only read. It asks AWS only where locals.tf pins an account.
func (a Account) Check(ctx context.Context, target string) error {
	if a.Pinned == "" {
		return nil
	}
	who, err := a.Identify(ctx)
	if err != nil {
		return err
	}
	return a.Allow(who, target)
}

// Whose names the source of the credentials.
func (a Account) Whose() string {
	if a.Profile == "" {
		return "the environment's credentials"
	}
	return fmt.Sprintf("profile %q", a.Profile)
}

// Explain adds what to type next to an error of AWS.
func (a Account) Explain(err error) error {
	switch {
	case proxyFailed(err):
		return hint.Add(err, "no answer from the proxy that %s names: start it, or unset the variable", proxyVariable())
	case unknownAuthority(err):
		return hint.Add(err, "the certificate is of no authority that this machine knows: if a proxy opens TLS, set "+
			"AWS_CA_BUNDLE and SSL_CERT_FILE to the file of its authority")
	case distrusted(err):
		return hint.Add(err, "look at the clock of this machine and at the endpoint's name: %s", menu.Typed("doctor"))
	case errors.Is(err, syscall.ECONNREFUSED):
		return hint.Add(err, "nobody listens at the endpoint that profile %q or AWS_ENDPOINT_URL names; "+
			"if that is the local AWS: mage serve", a.Profile)
	case errors.Is(err, awserr.ErrNoBucket):
		return hint.Add(err, "make it: %s", menu.Typed("state:bootstrap"))
	case awserr.Quota(err):
		return hint.Add(err, "this is a quota of the account, not the request rate: "+
			"delete images (%s) or raise it in Service Quotas", menu.Typed("ecr:cleanup"))
	}
	return awserr.Explain(err, a.Profile)
}

// proxyFailed reports whether a call did not get past the proxy.
func proxyFailed(err error) bool {
	fault, ok := errors.AsType[*net.OpError](err)
	return ok && fault.Op == "proxyconnect"
}

// proxyVariable is the variable that names the proxy for AWS, which is called over TLS.
func proxyVariable() string {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy"} {
		if os.Getenv(name) != "" {
			return name
		}
	}
	return "HTTPS_PROXY"
}

// distrusted reports whether a certificate was refused.
func distrusted(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}

// unknownAuthority reports whether a certificate was refused because its authority is not known.
func unknownAuthority(err error) bool {
	_, ok := errors.AsType[x509.UnknownAuthorityError](err)
	return ok
}

// attempts is how often an AWS call is made before its error is reported. ECR throttles deletes and pushes by the
// second (user guide, service quotas), so the SDK's 3 would give up while the account is merely busy.
const attempts = 8

// Retries sets when the SDK tries a call again.
func Retries(o *retry.StandardOptions) {
	o.MaxAttempts = attempts
	o.Retryables = slices.Concat(
		[]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(final)}, o.Retryables,
		[]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(cutShort)},
	)
}

// final ends the retries where an endpoint refuses connections: AWS never does, so a local server is not running. Where
// a certificate is refused: the next try meets the same one. And where ECR names a quota, such as one scan of an image
// in 24 hours: the SDK takes the code for throttling.
func final(err error) aws.Ternary {
	if errors.Is(err, syscall.ECONNREFUSED) || distrusted(err) || awserr.Quota(err) {
		return aws.FalseTernary
	}
	return aws.UnknownTernary
}

// cutShort tries again after an answer that broke off. The SDK itself does so only if the answer never began.
func cutShort(err error) aws.Ternary {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}
