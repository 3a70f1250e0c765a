// Package awserr tells what an error of AWS means, whichever service it comes from.
package awserr

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"envoy-proxy-poc/tasks/internal/hint"
)

// ErrNoBucket is the error for an S3 bucket that does not exist, whether the SDK or Terraform found out.
var ErrNoBucket = errors.New("the bucket does not exist")

// Code is the code of an error that a service answered with, such as AccessDenied; empty for any other error.
func Code(err error) string {
	if fault, ok := errors.AsType[smithy.APIError](err); ok {
		return fault.ErrorCode()
	}
	return ""
}

// Status is the HTTP status that a service answered an error with; 0 for any other error.
func Status(err error) int {
	if response, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		return response.HTTPStatusCode()
	}
	return 0
}

// Denied reports whether the credentials lack a permission.
func Denied(err error) bool {
	code := Code(err)
	return strings.HasPrefix(code, "AccessDenied") || code == "UnauthorizedOperation"
}

// Quota reports whether a quota of the account is used up. The SDK takes it for throttling, and retries it.
func Quota(err error) bool { return Code(err) == "LimitExceededException" }

// Throttled reports whether the service refused a call because there were too many, and did nothing of it.
func Throttled(err error) bool {
	return retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}.IsErrorThrottle(err) == aws.TrueTernary
}

// Outage reports whether the service itself failed.
func Outage(err error) bool { return Status(err) >= http.StatusInternalServerError }

// NoCredentials reports whether the SDK found none: it asked the instance metadata service, the end of its chain.
func NoCredentials(err error) bool { return called(err, "ec2imds") }

// called reports whether an error comes from a call of a service, or of what that service called first.
func called(err error, service string) bool {
	for err != nil {
		operation, ok := errors.AsType[*smithy.OperationError](err)
		if !ok {
			return false
		}
		if operation.Service() == service {
			return true
		}
		err = operation.Err
	}
	return false
}

// Reason is an error of AWS without the SDK's words around it; any other error as it is.
func Reason(err error) string {
	if fault, ok := errors.AsType[smithy.APIError](err); ok {
		return fault.ErrorCode() + ": " + fault.ErrorMessage()
	}
	if call, ok := errors.AsType[*smithy.OperationError](err); ok { // without what the caller was doing
		err = call
	}
	return Plain(err.Error())
}

// sdk are the SDK's words about a call, in front of what went wrong.
var sdk = regexp.MustCompile(`operation error [^,]+, (exceeded maximum number of attempts, \d+, )?` +
	`(https response error StatusCode: \d+, RequestID: [^,]*, )?(HostID: [^,]*, )?(api error |request send failed, )?`)

// Plain is an error's text without the SDK's words.
func Plain(text string) string { return sdk.ReplaceAllString(text, "") }

// Explain adds to an error of the AWS SDK what to do about it, where its type or code tells: no credentials, expired
// or unknown ones, a missing permission, throttling, an outage. Any other error, and nil, is returned as it is; so is
// [Quota], because only the caller knows what can be deleted. The profile is the one in use, empty for credentials of
// the environment.
func Explain(err error, profile string) error {
	if signedOut(err) {
		return hint.Add(err, "sign in again: aws sso login%s", profileFlag(profile))
	}
	if Code(err) != "" {
		return explainCode(err, profile)
	}
	if NoCredentials(err) {
		return hint.Add(err, "no credentials were found: name a profile (AWS_PROFILE=NAME), "+
			"or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	return err
}

// signedOut reports whether an SSO sign-in is missing or over. The SDK has a type for that only in the older form of a
// profile; of an sso_session it says no more than a text.
func signedOut(err error) bool {
	if err == nil {
		return false
	}
	_, ok := errors.AsType[*ssocreds.InvalidTokenError](err)
	return ok || called(err, "SSO") && Code(err) == "UnauthorizedException" ||
		strings.Contains(err.Error(), "cached SSO token") || strings.Contains(err.Error(), "refresh SSO token")
}

// explainCode explains the codes that all AWS services share.
func explainCode(err error, profile string) error {
	switch Code(err) {
	case "ExpiredToken", "ExpiredTokenException", "RequestExpired":
		return hint.Add(err, "the credentials of %s have expired: renew them (aws sso login%s), then run this again",
			owner(profile), profileFlag(profile))
	case "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId",
		"SignatureDoesNotMatch", "InvalidSignatureException":
		return hint.Add(err, "AWS does not know the credentials of %s: check them (aws sts get-caller-identity%s)",
			owner(profile), profileFlag(profile))
	}
	switch {
	case Quota(err):
		return err
	case Denied(err):
		return hint.Add(err, "the credentials of %s lack this permission: ask for it, "+
			"or use another profile (AWS_PROFILE=NAME)", owner(profile))
	case Throttled(err):
		return hint.Add(err, "AWS kept refusing calls as too many: check what else in this account calls it, "+
			"then run this again")
	case Outage(err):
		return hint.Add(err, "AWS itself kept failing: see https://health.aws.amazon.com/health/status, then run this again")
	}
	return err
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
	return " --profile " + hint.Quote(profile)
}
