package image

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
)

const margin = 5 * time.Minute // how long before its end a credential is replaced: longer than any request

// Renewing is an [authn.Authenticator] that fetches its credential anew when it nears its end or is refused.
type Renewing struct {
	Fetch func(context.Context) (authn.AuthConfig, time.Time, error) // the credential, and when it ends. Required.

	mu      sync.Mutex
	current authn.AuthConfig
	ends    time.Time
	fetched int // how often
}

var _ authn.ContextAuthenticator = (*Renewing)(nil)

// Authorization is what the registry client calls where it has no context.
func (r *Renewing) Authorization() (*authn.AuthConfig, error) {
	return r.AuthorizationContext(context.Background())
}

// AuthorizationContext returns the credential. Callers at once share one fetch.
func (r *Renewing) AuthorizationContext(ctx context.Context) (*authn.AuthConfig, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fetched == 0 || time.Until(r.ends) < margin {
		if err := r.fetch(ctx); err != nil {
			return nil, err
		}
	}
	current := r.current
	return &current, nil
}

func (r *Renewing) fetch(ctx context.Context) error {
	current, ends, err := r.Fetch(ctx)
	if err != nil {
		return err
	}
	r.current, r.ends = current, ends
	r.fetched++
	return nil
}

func (r *Renewing) generation() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fetched
}

// renew replaces the credential of a generation, unless another caller has done so in the meantime.
func (r *Renewing) renew(ctx context.Context, generation int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fetched != generation {
		return nil
	}
	return r.fetch(ctx)
}

// renewing calls do, and once more with a new credential if the registry refused the old one, which can end early.
func (d *Destination) renewing(ctx context.Context, do func() error) error {
	auth, ok := d.target.Auth.(*Renewing)
	if !ok {
		return do()
	}
	before := auth.generation()
	err := do()
	if code := status(err); before == 0 || code != http.StatusUnauthorized && code != http.StatusForbidden ||
		ctx.Err() != nil {
		return err // a credential that was fetched just now is as new as can be
	}
	if renewed := auth.renew(ctx, before); renewed != nil {
		return errors.Join(err, renewed)
	}
	return do()
}
