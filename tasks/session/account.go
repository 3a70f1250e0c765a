package session

import (
	"context"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"envoy-proxy-poc/tasks/internal/again"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
)

// Account is the AWS account that the settings name, and the region of its repositories.
type Account struct {
	Profile     string // empty for the credentials of the environment
	Named       string // the profile that locals.tf names
	Region      string
	Elsewhere   bool         // -region names another region than locals.tf
	Pinned      string       // the account number that locals.tf allows; empty for any
	Registry    string       // the account that is read, where the credentials are of another; empty for their own
	Environment string       // empty for the default one
	Absent      string       // a profile of locals.tf that no file has: this machine has no AWS files, so its role is used
	Again       again.Teller // tells of calls that are tried again; nil for silence
}

// ECR is a client for the region of the repositories.
func (a Account) ECR(ctx context.Context) (*awsecr.Client, error) {
	cfg, err := a.Config(ctx, a.Region)
	if err != nil {
		return nil, err
	}
	return awsecr.NewFromConfig(cfg, a.inRegistry), nil
}

// inRegistry has every call name the registry of another account: else ECR takes that of the credentials. A call that
// cannot name one would be answered for a repository of that name of the credentials' account, so it is refused.
func (a Account) inRegistry(o *awsecr.Options) {
	if a.Registry == "" {
		return
	}
	set := middleware.InitializeMiddlewareFunc("RegistryID", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		input := reflect.ValueOf(in.Parameters).Elem()
		if id := input.FieldByName("RegistryId"); id.IsValid() {
			id.Set(reflect.ValueOf(&a.Registry))
		} else if input.FieldByName("RepositoryNames").IsValid() {
			const why = "it cannot be asked about a repository of another account"
			return middleware.InitializeOutput{}, middleware.Metadata{}, &smithy.GenericAPIError{
				Code: "AccessDeniedException", Message: why,
			}
		}
		return next.HandleInitialize(ctx, in)
	})
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(set, middleware.Before)
	})
}

// Identity is who AWS takes this run for, and where the run works.
type Identity struct {
	Account     string // twelve digits
	ARN         string
	Profile     string // empty for credentials of the environment
	Region      string
	Endpoint    string // empty for AWS's own
	Environment string // empty for the default one
}

func (i Identity) String() string {
	text := fmt.Sprintf("account %s in %s", i.Account, i.Region)
	if i.Environment != "" {
		text += " for environment " + i.Environment
	}
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
		Environment: a.Environment,
	}, nil
}

// Allow refuses an identity of another account than the one that locals.tf pins, unless it is to read across. target is
// what to type again.
func (a Account) Allow(who Identity, target string) error {
	if a.Pinned == "" || who.Account == a.Pinned || a.Registry == a.Pinned {
		return nil
	}
	return a.Elsewise(fmt.Errorf("these credentials are of %s, and locals.tf allows account %s only", who, a.Pinned), target)
}

// Elsewise adds to an error of credentials of another account how to come by the right ones. target is what to type again,
// where that is known.
func (a Account) Elsewise(err error, target string) error {
	again := "AWS_PROFILE=NAME"
	if a.Profile != "" && a.Named != "" && a.Named != a.Profile {
		again = "AWS_PROFILE=" + a.Named
	}
	if target != "" {
		again += " " + menu.Typed(target)
	}
	return hint.Add(err, "use a profile of that account: %s", again)
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
