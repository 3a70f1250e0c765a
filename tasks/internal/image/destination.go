package image

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"envoy-proxy-poc/tasks/internal/again"
)

const (
	userAgent = "envoy-proxy-poc"
	// parallel is how many requests run at once: ECR answers 429 early, and its PutImage takes 10 a second.
	parallel = 4
)

// Target is a repository of a registry. The scheme is https, but http for loopback and private addresses.
type Target struct {
	Registry   string              // host, with a port where it needs one, without a scheme. Required.
	Repository string              // Required.
	Auth       authn.Authenticator // the default is anonymous
}

func (t Target) parse() (name.Repository, error) {
	repo, err := name.NewRepository(t.Registry + "/" + t.Repository)
	if err != nil {
		return name.Repository{}, fmt.Errorf("reading repository %q of registry %q: %w", t.Repository, t.Registry, err)
	}
	if repo.RegistryStr() != t.Registry || repo.RepositoryStr() != t.Repository {
		return name.Repository{}, fmt.Errorf(
			"reading repository %q: registry %q is not a host, as example.com or 127.0.0.1:5000", t.Repository, t.Registry)
	}
	return repo, nil
}

// Options are how to talk to a registry. The zero value is the default.
type Options struct {
	Transport http.RoundTripper // the default is the registry client's, shared by all calls
	Again     again.Teller      // tells of requests that are tried again; nil for silence
	Backoff   remote.Backoff    // for what may pass, 429 included; the default is eight tries in about a minute
}

// Destination is one repository of a registry that has answered.
type Destination struct {
	target Target
	repo   name.Repository
	puller *remote.Puller
	pusher pusher
	rt     http.RoundTripper // what both send through: credential, tries
}

// Dial shakes hands with the registry and shows it the credential, so that a push to come does not fail of it. Its
// errors wrap ErrUnauthorized or ErrDenied. Whether the repository exists the registry does not say before something is
// asked of it.
func Dial(ctx context.Context, t Target, o Options) (*Destination, error) {
	d, err := dial(ctx, t, o)
	if err != nil {
		return nil, fmt.Errorf("reaching registry %q: %w", t.Registry, explain(err))
	}
	return d, nil
}

func dial(ctx context.Context, t Target, o Options) (*Destination, error) {
	repo, err := t.parse()
	if err != nil {
		return nil, err
	}
	if t.Auth == nil {
		t.Auth = authn.Anonymous
	}
	if o.Transport == nil {
		o.Transport = remote.DefaultTransport
	}
	if o.Backoff.Steps == 0 {
		o.Backoff = patience
	}
	// One handshake for both: a puller and a pusher of their own would each do it again.
	rt, err := transport.NewWithContext(ctx, repo.Registry, t.Auth,
		transport.NewUserAgent(patient{o.Transport, o.Backoff, o.Again}, userAgent),
		[]string{repo.Scope(transport.PushScope)})
	if err != nil {
		return nil, err
	}
	d := &Destination{target: t, repo: repo, rt: rt}
	options := []remote.Option{
		remote.WithTransport(rt), remote.WithAuth(t.Auth), remote.WithJobs(parallel), remote.WithRetryBackoff(oneTry),
		remote.WithReferrersTagFallback(false),
	}
	if d.puller, err = remote.NewPuller(options...); err != nil {
		return nil, err
	}
	client, err := remote.NewPusher(options...)
	if err != nil {
		return nil, err
	}
	d.pusher = pusher{client, o.Backoff, o.Again}
	return d, d.renewing(ctx, func() error { return d.show(ctx) })
}

// show asks for the registry's root with the credential: the handshake was without.
func (d *Destination) show(ctx context.Context) error {
	root := d.repo.Scheme() + "://" + d.repo.RegistryStr() + "/v2/"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, root, nil)
	if err != nil {
		return err
	}
	res, err := (&http.Client{Transport: d.rt}).Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return transport.CheckError(res, http.StatusOK)
}

// ref makes a reference of a tag or a digest.
func (d *Destination) ref(tagOrDigest string) name.Reference {
	if _, err := v1.NewHash(tagOrDigest); err == nil {
		return d.repo.Digest(tagOrDigest)
	}
	return d.repo.Tag(tagOrDigest)
}
