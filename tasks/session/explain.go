package session

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"

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

// Explain adds what to type next to an error of AWS.
func (a Account) Explain(err error) error {
	switch {
	case a.Absent != "" && awserr.NoCredentials(err):
		return noProfile(a.Absent, ", and this machine has no role")
	case awserr.Denied(err) && strings.Contains(err.Error(), "MultiFactorAuthentication failed"):
		return hint.Add(err, "AWS takes each code once: wait for the device's next one, then run this again")
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
