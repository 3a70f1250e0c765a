package session

import (
	"context"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
)

// Renew renews credentials that have less than a third of their life left. Credentials that cannot be renewed are used
// as long as they last.
func (a Account) Renew(ctx context.Context) error {
	_, err := a.Keys(ctx)
	return err
}

// Keys are the credentials as variables for another program's environment, renewed as by [Account.Renew].
func (a Account) Keys(ctx context.Context) (map[string]string, error) {
	found, err := a.open()
	if err != nil {
		return nil, err
	}
	held, err := found.ring.renew(ctx)
	if err != nil {
		return nil, a.Explain(err)
	}
	return map[string]string{
		"AWS_ACCESS_KEY_ID": held.AccessKeyID, "AWS_SECRET_ACCESS_KEY": held.SecretAccessKey,
		"AWS_SESSION_TOKEN": held.SessionToken,
	}, nil
}

// End is when the credentials end, if that is before a time and they cannot be renewed.
func (a Account) End(ctx context.Context, before time.Time) (end time.Time, ends bool, err error) {
	found, err := a.open()
	if err != nil {
		return time.Time{}, false, err
	}
	end, ends, err = found.ring.end(ctx, before)
	return end, ends, a.Explain(err)
}

// HandOver makes an environment say what the profile sets beside credentials, for a program that does not read the
// profile. What the environment says itself wins, as in the SDK.
func (a Account) HandOver(ctx context.Context, env map[string]string) error {
	found, err := a.open()
	if err != nil {
		return err
	}
	if ignored, _, err := config.GetIgnoreConfiguredEndpoints(ctx, found.cfg.ConfigSources); err == nil && ignored {
		maps.DeleteFunc(env, func(name, _ string) bool { return strings.HasPrefix(name, endpointVariable) })
		env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true"
	}
	for _, source := range found.cfg.ConfigSources {
		if profile, ok := source.(config.SharedConfig); ok {
			for name, value := range profileVariables(profile, env) {
				if env[name] == "" {
					env[name] = value
				}
			}
		}
	}
	return nil
}

// endpointVariable is the variable for the address of all services, and the beginning of that of one service.
const endpointVariable = "AWS_ENDPOINT_URL"

// profileVariables are the variables that say the same as a profile.
func profileVariables(profile config.SharedConfig, env map[string]string) map[string]string {
	all := map[string]string{}
	set := func(name, value string) {
		if value != "" {
			all[name] = value
		}
	}
	set("AWS_CA_BUNDLE", profile.CustomCABundle)
	set("AWS_RETRY_MODE", string(profile.RetryMode))
	if profile.RetryMaxAttempts > 0 {
		set("AWS_MAX_ATTEMPTS", strconv.Itoa(profile.RetryMaxAttempts))
	}
	// these are numbers; 0 is not set
	set("AWS_USE_FIPS_ENDPOINT", []string{"", "true", "false"}[profile.UseFIPSEndpoint])
	set("AWS_USE_DUALSTACK_ENDPOINT", []string{"", "true", "false"}[profile.UseDualStackEndpoint])
	checksums := []string{"", "when_supported", "when_required"}
	set("AWS_REQUEST_CHECKSUM_CALCULATION", checksums[profile.RequestChecksumCalculation])
	set("AWS_RESPONSE_CHECKSUM_VALIDATION", checksums[profile.ResponseChecksumValidation])
	if env[endpointVariable] != "" || env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] == "true" {
		return all // no endpoint of a profile counts then
	}
	set(endpointVariable, profile.BaseEndpoint)
	for service, values := range profile.Services.ServiceValues {
		set(endpointVariable+"_"+strings.ToUpper(service), values["endpoint_url"])
	}
	return all
}
