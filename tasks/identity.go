package tasks

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"envoy-proxy-poc/tasks/internal/hint"
)

// identity is whom AWS takes this run for, and where it works.
type identity struct {
	Account  string // twelve digits
	ARN      string
	Profile  string // empty for credentials of the environment
	Region   string
	Endpoint string // empty for AWS's own
}

// identify asks AWS who this run is (STS GetCallerIdentity, which needs no permission).
func (s *session) identify(ctx context.Context) (identity, error) {
	cfg, err := s.aws(ctx, s.Region)
	if err != nil {
		return identity{}, err
	}
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return identity{}, s.explain(fmt.Errorf("asking AWS who this is: %w", err))
	}
	return identity{
		Account: aws.ToString(who.Account), ARN: aws.ToString(who.Arn),
		Profile: s.Profile, Region: s.Region, Endpoint: aws.ToString(cfg.BaseEndpoint),
	}, nil
}

func (i identity) String() string {
	text := fmt.Sprintf("account %s in %s", i.Account, i.Region)
	if i.Profile != "" {
		text += fmt.Sprintf(" (profile %q)", i.Profile)
	}
	if i.Endpoint != "" {
		text += " at " + i.Endpoint
	}
	return text
}

// sayWho tells whom the run works as, and refuses an account that locals.tf does not allow, before anything is started.
func (s *session) sayWho(ctx context.Context, target string) error {
	who, err := s.identify(ctx)
	if err != nil {
		return err
	}
	if err := s.allowed(who, target); err != nil {
		return err
	}
	s.Say("%s as %s", who, who.ARN)
	return nil
}

func (s *session) allowed(who identity, target string) error {
	if s.Account == "" || who.Account == s.Account {
		return nil
	}
	return hint.Add(fmt.Errorf("these credentials are of %s, and locals.tf allows account %s only", who, s.Account),
		"use a profile of that account: AWS_PROFILE=NAME %s", typed(target))
}

// checkAccount is sayWho for targets that only read: it is silent, and asks AWS only where locals.tf pins an account.
func (s *session) checkAccount(ctx context.Context, target string) error {
	if s.Account == "" {
		return nil
	}
	who, err := s.identify(ctx)
	if err != nil {
		return err
	}
	return s.allowed(who, target)
}
