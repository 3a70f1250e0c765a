package session

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"

	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
)

// Whose names the source of the credentials.
func (a Account) Whose() string {
	switch {
	case a.Absent != "":
		return "the role of this machine"
	case a.Profile == "":
		return "the environment's credentials"
	}
	return fmt.Sprintf("profile %q", a.Profile)
}

// Network is what to do where nothing answers.
const Network = "look at the network, HTTPS_PROXY and AWS_ENDPOINT_URL; without AWS: mage local …"

// Explain adds what to type next to an error of AWS.
func (a Account) Explain(err error) error {
	switch {
	case a.Absent != "" && awserr.NoCredentials(err):
		return noProfile(a.Absent, ", and this machine has no role")
	case awserr.Denied(err) && strings.Contains(err.Error(), "MultiFactorAuthentication failed"):
		return hint.Add(err, "AWS takes each code once: wait for the device's next one, then run this again")
	case a.Registry != "" && awserr.Denied(err):
		return hint.Add(err, "the policies of account %s do not let these credentials read: add the ARN of their role to "+
			"readers in its environment of locals.tf, and deploy there", a.Registry)
	case skewed(err):
		return hint.Add(err, "set the clock of this machine: %s says how far it is off", menu.Typed("doctor"))
	case proxyFailed(err):
		return hint.Add(err, "no answer from the proxy that %s names: start it, or unset the variable", proxyVariable(err))
	case proxyRefused(err):
		return hint.Add(err, "the proxy that %s names refused the call: it may want http://NAME:PASSWORD@HOST:PORT there",
			proxyVariable(err))
	case has[x509.UnknownAuthorityError](err):
		return hint.Add(err, "the certificate is of no authority that this machine knows: if a proxy opens TLS, set "+
			"AWS_CA_BUNDLE and SSL_CERT_FILE to the file of its authority")
	case has[*tls.CertificateVerificationError](err):
		return hint.Add(err, "look at the clock of this machine and at the endpoint's name: %s", menu.Typed("doctor"))
	case a.sourceHint(err) != "":
		return hint.Add(err, "%s", a.sourceHint(err))
	case errors.Is(err, syscall.ECONNREFUSED):
		return hint.Add(err, "nothing listens at that address: correct AWS_ENDPOINT_URL or the profile's "+
			"endpoint_url; if it is the local AWS, start it: mage serve")
	case has[*net.OpError](err) || has[*net.DNSError](err):
		return hint.Add(err, Network)
	case errors.Is(err, awserr.ErrNoBucket):
		return hint.Add(err, "make it: %s", menu.Typed("state:bootstrap"))
	case awserr.Quota(err):
		return hint.Add(err, "this is a quota of the account, not the request rate: "+
			"delete images (%s) or raise it in Service Quotas", menu.Typed("ecr:cleanup"))
	}
	return awserr.Explain(err, a.Profile)
}

// sourceHint is what to do about a source of credentials that gives none; empty for another error. The SDK has a type for
// one of these errors, and texts for the others.
func (a Account) sourceHint(err error) string {
	_, process := errors.AsType[*processcreds.ProviderError](err)
	switch text := fmt.Sprint(err); {
	case process:
		return fmt.Sprintf("run the credential_process of profile %q alone: it has to print keys as JSON", a.Profile)
	case strings.Contains(text, "failed to load credentials, "):
		return "a container gets its keys from the address in AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI, with " +
			"AWS_CONTAINER_AUTHORIZATION_TOKEN: correct the variables, or unset them"
	case strings.Contains(text, "failed to retrieve jwt"):
		return "AWS_WEB_IDENTITY_TOKEN_FILE, or web_identity_token_file in the profile, names that file: correct it"
	}
	return ""
}

// skewed reports whether AWS refused a signature for its time.
func skewed(err error) bool {
	text := fmt.Sprint(err)
	return awserr.Code(err) == "RequestTimeTooSkewed" ||
		strings.Contains(text, "Signature expired") || strings.Contains(text, "Signature not yet current")
}

// proxyFailed reports whether a call did not get past the proxy.
func proxyFailed(err error) bool {
	fault, ok := errors.AsType[*net.OpError](err)
	return ok && fault.Op == "proxyconnect"
}

// proxyRefused reports whether the proxy itself refused a call over TLS: net/http keeps only the text of its status.
func proxyRefused(err error) bool {
	fault, ok := errors.AsType[*url.Error](err)
	return ok && (fault.Err.Error() == "Proxy Authentication Required" || fault.Err.Error() == "Forbidden")
}

// proxyVariable is the variable that names the proxy of a call. AWS is called over TLS, other endpoints may be not.
func proxyVariable(err error) string {
	name := "HTTPS_PROXY"
	if fault, ok := errors.AsType[*url.Error](err); ok && strings.HasPrefix(fault.URL, "http:") {
		name = "HTTP_PROXY"
	}
	if lower := strings.ToLower(name); os.Getenv(name) == "" && os.Getenv(lower) != "" {
		return lower
	}
	return name
}

func has[E error](err error) bool {
	_, ok := errors.AsType[E](err)
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
// a certificate or the proxy refuses: the next try meets the same one. Where there are no credentials: their source has
// been tried often enough. And where ECR names a quota, such as one scan of an image in 24 hours: the SDK takes the code
// for throttling.
func final(err error) aws.Ternary {
	if errors.Is(err, syscall.ECONNREFUSED) || has[*tls.CertificateVerificationError](err) || proxyRefused(err) || awserr.Quota(err) ||
		strings.Contains(err.Error(), "get identity: ") {
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
