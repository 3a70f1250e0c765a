package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"envoy-proxy-poc/tasks/internal/again"
)

const (
	userAgent = "envoy-proxy-poc"
	// parallel is how many requests run at once: ECR answers 429 early, and its PutImage takes 10 a second.
	parallel = 4
)

// Target is a repository of a registry. The scheme is http for loopback and private addresses, else https.
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
	pace   *pace             // of what is written; nil for none
}

// Dial shakes hands with the registry and shows it the credential, so that a later push does not fail of it. Its errors
// wrap ErrUnauthorized or ErrDenied. It does not tell whether the repository exists.
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
	shown := make(chan bool, 1)
	go func() { shown <- showToken(ctx, repo, t.Auth, o.Transport) }()
	// One handshake for both: a puller and a pusher of their own would each do it again.
	rt, err := transport.NewWithContext(ctx, repo.Registry, t.Auth,
		transport.NewUserAgent(patient{o.Transport, o.Backoff, o.Again}, userAgent),
		[]string{repo.Scope(transport.PushScope)})
	known := <-shown
	if err != nil {
		return nil, err
	}
	d := &Destination{target: t, repo: repo, rt: rt}
	options := []remote.Option{
		remote.WithTransport(rt), remote.WithAuth(t.Auth), remote.WithJobs(copyJobs), remote.WithRetryBackoff(oneTry),
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
	if known {
		return d, nil
	}
	return d, d.show(ctx)
}

// showToken shows a token of ECR while the registry is asked how it wants it. Where it is false, the token is to be shown
// after the handshake, as other registries need. A host that may be reached without TLS gets nothing before.
func showToken(ctx context.Context, repo name.Repository, auth authn.Authenticator, through http.RoundTripper) bool {
	host, _, _ := net.SplitHostPort(repo.RegistryStr())
	if _, is := auth.(*Renewing); !is || repo.Scheme() != "https" && !net.ParseIP(host).IsLoopback() {
		return false
	}
	credential, err := authn.Authorization(ctx, auth)
	if err != nil {
		return false
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, repo.Scheme()+"://"+repo.RegistryStr()+"/v2/", nil)
	if err != nil {
		return false
	}
	req.SetBasicAuth(credential.Username, credential.Password)
	res, err := through.RoundTrip(req) // follows nobody elsewhere
	return err == nil && res.Body.Close() == nil && res.StatusCode == http.StatusOK
}

// show asks for the registry's root with the credential: the handshake was without.
func (d *Destination) show(ctx context.Context) error {
	res, err := d.get(ctx, "/v2/")
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// get asks the registry for a path with the credential.
func (d *Destination) get(ctx context.Context, path string) (*http.Response, error) {
	return d.do(ctx, http.MethodGet, path, "", nil, http.StatusOK)
}

// do asks the registry with the credential. A status that is none of wanted is an error.
func (d *Destination) do(ctx context.Context, method, path string, kind types.MediaType, body []byte, wanted ...int) (
	*http.Response, error,
) {
	url := d.repo.Scheme() + "://" + d.repo.RegistryStr() + path
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if kind != "" {
		req.Header.Set("Content-Type", string(kind))
	}
	res, err := (&http.Client{Transport: d.rt}).Do(req)
	if err != nil {
		return nil, err
	}
	if err := transport.CheckError(res, wanted...); err != nil {
		return nil, errors.Join(err, res.Body.Close())
	}
	return res, nil
}

func (d *Destination) ref(tagOrDigest string) name.Reference {
	if _, err := v1.NewHash(tagOrDigest); err == nil {
		return d.repo.Digest(tagOrDigest)
	}
	return d.repo.Tag(tagOrDigest)
}

// head says what digest a tag or a digest stands for in the repository; false if it is not there.
func (d *Destination) head(ctx context.Context, tagOrDigest string) (at v1.Hash, found bool, err error) {
	err = d.renewing(ctx, func() (err error) {
		at, found, err = d.ask(ctx, d.ref(tagOrDigest))
		return err
	})
	if err != nil {
		return v1.Hash{}, false, fmt.Errorf("looking for %q in %q: %w", tagOrDigest, d.target.Repository, explain(err))
	}
	return at, found, nil
}

func (d *Destination) ask(ctx context.Context, ref name.Reference) (v1.Hash, bool, error) {
	found, err := d.puller.Head(ctx, ref)
	if err == nil {
		return found.Digest, true, nil
	}
	if unanswered(err) && ctx.Err() == nil {
		var full *remote.Descriptor
		if full, err = d.puller.Get(ctx, ref); err == nil {
			return full.Digest, true, nil
		}
	}
	if status(err) == http.StatusNotFound {
		return v1.Hash{}, false, nil
	}
	return v1.Hash{}, false, err
}

// unanswered says whether a HEAD leaves open what a GET would tell: a refusal's words, or the digest.
func unanswered(err error) bool {
	switch code := status(err); code {
	case 0:
		var lost *url.Error
		return !errors.As(err, &lost)
	default:
		return code == http.StatusUnauthorized || code == http.StatusForbidden
	}
}
