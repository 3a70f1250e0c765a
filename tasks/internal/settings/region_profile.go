package settings

import (
	"errors"
	"fmt"
)

// override puts flags and environment over what locals.tf says. regionAt is where that stands, for the warning.
func (s *Settings) override(o Override, regionAt string) error {
	region, source, regionErr := o.region()
	if regionErr == nil && region != "" {
		if o.Region == nil && s.Region != "" && region != s.Region {
			s.Warnings = append(s.Warnings,
				fmt.Sprintf("%s is %q and %s says %q: using %q", source, region, regionAt, s.Region, region))
		}
		s.Elsewhere = o.Region != nil && region != s.Region
		s.Region = region
	}
	if profile, given := o.profile(); given {
		s.Profile = profile
	}
	return regionErr
}

// RegionVariables are the variables that name a region, in the order in which the SDK and Terraform read them.
var RegionVariables = []string{"AWS_REGION", "AWS_DEFAULT_REGION"}

// region is the flag's or the environment's, and what sets it; empty for that of locals.tf.
func (o Override) region() (region, source string, err error) {
	if o.Region != nil {
		if err = check("-region", *o.Region); err != nil {
			err = MistypedError{err}
		}
		return *o.Region, "-region", err
	}
	for _, source := range RegionVariables {
		if region := o.env(source); region != "" {
			return region, source, check(source, region)
		}
	}
	return "", "", nil
}

func check(source, region string) error {
	if !regionRule.pattern.MatchString(region) {
		return errors.New(source + ": " + regionRule.broken(region))
	}
	return nil
}

func (o Override) profile() (profile string, given bool) {
	if o.Profile != nil {
		return *o.Profile, true
	}
	if profile := o.env("AWS_PROFILE"); profile != "" {
		return profile, true
	}
	return "", o.hasCredentials()
}

// hasCredentials tells whether the environment holds credentials, or says where to get some, which the SDK reads before
// any file: https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
func (o Override) hasCredentials() bool {
	return o.env("AWS_ACCESS_KEY_ID") != "" ||
		o.env("AWS_WEB_IDENTITY_TOKEN_FILE") != "" && o.env("AWS_ROLE_ARN") != "" ||
		o.env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != "" ||
		o.env("AWS_CONTAINER_CREDENTIALS_FULL_URI") != ""
}

// env is a variable of the environment. One that is empty counts as unset, as with the AWS CLI.
func (o Override) env(name string) string {
	if o.LookupEnv == nil {
		return ""
	}
	value, _ := o.LookupEnv(name)
	return value
}
