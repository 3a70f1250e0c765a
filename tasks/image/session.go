package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"syscall"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

const (
	userAgent = "envoy-proxy-poc"
	// jobs is how many requests run at once: ECR answers 429 early, and its PutImage takes 10 a second.
	jobs = 4
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
		return name.Repository{}, fmt.Errorf("reading repository %q: registry %q is not a host, as example.com or 127.0.0.1:5000", t.Repository, t.Registry)
	}
	return repo, nil
}

// Options are how to talk to a registry. The zero value is the default.
type Options struct {
	Progress  func(done, total int64) // bytes of layers and configs; never called twice at once, nor after the end
	DryRun    bool                    // ask the registry, write nothing; the Result says what would have been
	Transport http.RoundTripper       // the default is the registry client's, shared by all calls
	Backoff   remote.Backoff          // for what may pass, 429 included; the default is three tries, after 1 s and 3 s
}

// session is one handshake with a registry, for reading and writing one repository.
type session struct {
	target Target
	repo   name.Repository
	puller *remote.Puller
	pusher *remote.Pusher
}

// open shakes hands once: a puller and a pusher of their own would each do it again.
func open(ctx context.Context, t Target, o Options) (*session, error) {
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
		o.Backoff = remote.Backoff{Duration: time.Second, Factor: 3, Jitter: 0.1, Steps: 3}
	}
	retrying := transport.NewRetry(o.Transport, transport.WithRetryBackoff(o.Backoff),
		transport.WithRetryPredicate(passing), transport.WithRetryStatusCodes(passingStatus...))
	rt, err := transport.NewWithContext(ctx, repo.Registry, t.Auth, transport.NewUserAgent(retrying, userAgent),
		[]string{repo.Scope(transport.PushScope)})
	if err != nil {
		return nil, fmt.Errorf("reaching registry %q: %w", t.Registry, explain(err))
	}
	options := []remote.Option{remote.WithTransport(rt), remote.WithAuth(t.Auth), remote.WithJobs(jobs), remote.WithRetryBackoff(o.Backoff)}
	puller, err := remote.NewPuller(options...)
	if err != nil {
		return nil, err
	}
	pusher, err := remote.NewPusher(options...)
	if err != nil {
		return nil, err
	}
	return &session{target: t, repo: repo, puller: puller, pusher: pusher}, nil
}

// passingStatus and passing are the registry client's own rules (remote.makeOptions), which a transport that is
// handed to it replaces.
var passingStatus = []int{
	http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
	http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}

func passing(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var t interface{ Temporary() bool }
	if errors.As(err, &t) && t.Temporary() {
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

// ref makes a reference of a tag or a digest.
func (s *session) ref(tagOrDigest string) name.Reference {
	if _, err := v1.NewHash(tagOrDigest); err == nil {
		return s.repo.Digest(tagOrDigest)
	}
	return s.repo.Tag(tagOrDigest)
}

// head says what digest a tag or a digest stands for in the repository; false if it is not there.
func (s *session) head(ctx context.Context, tagOrDigest string) (v1.Hash, bool, error) {
	ref := s.ref(tagOrDigest)
	found, err := s.puller.Head(ctx, ref)
	if err == nil {
		return found.Digest, true, nil
	}
	if unanswered(err) && ctx.Err() == nil {
		var full *remote.Descriptor
		if full, err = s.puller.Get(ctx, ref); err == nil {
			return full.Digest, true, nil
		}
	}
	if status(err) == http.StatusNotFound {
		return v1.Hash{}, false, nil
	}
	return v1.Hash{}, false, fmt.Errorf("looking for %q in %q: %w", tagOrDigest, s.target.Repository, explain(err))
}

// unanswered says whether a HEAD leaves open what a GET would tell: the words of a refusal, which has no body here, or
// the digest, whose header some registries leave away.
func unanswered(err error) bool {
	switch code := status(err); code {
	case 0:
		var lost *url.Error
		return !errors.As(err, &lost)
	default:
		return code == http.StatusUnauthorized || code == http.StatusForbidden
	}
}
