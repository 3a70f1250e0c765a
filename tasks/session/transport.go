package session

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"envoy-proxy-poc/tasks/internal/hint"
)

// Transport is for the registry and its layers. It uses the environment's proxy, as the API does, and trusts what the
// user trusts for the API beside what this machine trusts: a proxy may leave some hosts alone. What is wrong with the
// file, [Account.Config] says before.
func (a Account) Transport(ctx context.Context) http.RoundTripper {
	bundle, err := a.authorities(ctx)
	if err != nil || bundle == nil {
		return remote.DefaultTransport
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	roots.AppendCertsFromPEM(bundle)
	transport := remote.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return transport
}

// authorities are the certificates that AWS_CA_BUNDLE or the profile's ca_bundle names; nil for none. An error of the
// SDK would not say which of the two.
func (a Account) authorities(ctx context.Context) ([]byte, error) {
	file, source := os.Getenv("AWS_CA_BUNDLE"), "AWS_CA_BUNDLE"
	if file == "" {
		name := cmp.Or(a.Profile, config.DefaultSharedConfigProfile)
		profile, _ := config.LoadSharedConfigProfile(ctx, name, func(o *config.LoadSharedConfigOptions) {
			from := profileFiles()
			o.ConfigFiles, o.CredentialsFiles = from[:1], from[1:]
		}) // its error is LoadDefaultConfig's too
		file, source = profile.CustomCABundle, fmt.Sprintf("ca_bundle of profile %q", name)
	}
	if file == "" {
		return nil, nil
	}
	bundle, err := os.ReadFile(file)
	if err == nil && !x509.NewCertPool().AppendCertsFromPEM(bundle) {
		err = fmt.Errorf("%q has no certificate", file)
	}
	if err != nil {
		return nil, hint.Add(fmt.Errorf("reading the file that %s names: %w", source, err),
			"set %s to a file of certificates (PEM), or remove it", source)
	}
	return bundle, nil
}
