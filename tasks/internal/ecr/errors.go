package ecr

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"

	"envoy-proxy-poc/tasks/internal/console"
)

// Missing reports whether err says that the repository does not exist.
func Missing(err error) bool {
	_, missing := errors.AsType[*types.RepositoryNotFoundException](err)
	return missing
}

// Denied reports whether err says that the credentials lack a permission.
func Denied(err error) bool {
	fault, ok := errors.AsType[smithy.APIError](err)
	return ok && denied(fault.ErrorCode())
}

func denied(code string) bool {
	return strings.HasPrefix(code, "AccessDenied") || code == "UnauthorizedOperation"
}

// Reason is an error of AWS in one line without the SDK's words around it; any other as it is.
func Reason(err error) string {
	if fault, ok := errors.AsType[smithy.APIError](err); ok {
		return fault.ErrorCode() + ": " + fault.ErrorMessage()
	}
	return err.Error()
}

// Explain adds to an error of the AWS SDK what to do about it, where its type or code tells: no
// credentials, expired or unknown ones, a permission that lacks, a quota, throttling, an outage. Any other error, and nil, is
// returned as it is. The profile is the one in use, empty for credentials of the environment.
func Explain(err error, profile string) error {
	if _, ok := errors.AsType[*ssocreds.InvalidTokenError](err); ok {
		return console.Hint(err, "sign in again: aws sso login%s", profileFlag(profile))
	}
	if fault, ok := errors.AsType[smithy.APIError](err); ok {
		return explainCode(err, fault.ErrorCode(), profile)
	}
	if NoCredentials(err) {
		return console.Hint(err, "no credentials were found: name a profile (AWS_PROFILE=NAME), or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	return err
}

// explainCode goes by the codes that all AWS services share, and ECR's own LimitExceededException, which the
// SDK retries as throttling though it means a quota.
func explainCode(err error, code, profile string) error {
	switch code {
	case "ExpiredToken", "ExpiredTokenException", "RequestExpired":
		return console.Hint(err, "the credentials of %s have expired: renew them (aws sso login%s), then run this again", owner(profile), profileFlag(profile))
	case "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSignatureException":
		return console.Hint(err, "AWS does not know the credentials of %s: check them (aws sts get-caller-identity%s)", owner(profile), profileFlag(profile))
	case "LimitExceededException":
		return console.Hint(err, "this is a quota of the account, not the request rate: delete images (mage ecr:cleanup) or raise it in Service Quotas")
	}
	switch {
	case denied(code):
		return console.Hint(err, "the credentials of %s lack this permission: ask for it, or use another profile (AWS_PROFILE=NAME)", owner(profile))
	case throttled(err):
		return console.Hint(err, "AWS has refused calls as too many for long: see what else calls it from this account, and run this again")
	case failedThere(err):
		return console.Hint(err, "AWS itself fails, for long: see https://health.aws.amazon.com/health/status, and run this again")
	}
	return err
}

// NoCredentials reports whether the SDK found none: it went as far as the instance metadata service, the end of
// its chain.
func NoCredentials(err error) bool {
	for err != nil {
		operation, ok := errors.AsType[*smithy.OperationError](err)
		if !ok {
			return false
		}
		if operation.Service() == "ec2imds" {
			return true
		}
		err = operation.Err
	}
	return false
}

func owner(profile string) string {
	if profile == "" {
		return "the environment"
	}
	return fmt.Sprintf("profile %q", profile)
}

func profileFlag(profile string) string {
	if profile == "" {
		return ""
	}
	return " --profile " + profile
}
