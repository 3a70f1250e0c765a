package session

import (
	"errors"
	"io"
	"slices"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"envoy-proxy-poc/tasks/internal/awserr"
)

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
// a certificate is refused, or the proxy refuses: the next try meets the same one. And where ECR names a quota, such as one scan of an image
// in 24 hours: the SDK takes the code for throttling.
func final(err error) aws.Ternary {
	if errors.Is(err, syscall.ECONNREFUSED) || distrusted(err) || proxyRefused(err) || awserr.Quota(err) {
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
