package session

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
)

// keyring holds the keys of a run: it asks for them once, renews them before they end, and uses keys that cannot be
// renewed as long as they last.
type keyring struct {
	source aws.CredentialsProvider
	forget func() // makes the source ask anew
	now    func() time.Time

	mu    sync.Mutex
	held  aws.Credentials
	life  time.Duration // from when the keys were obtained, or could not be renewed, to their end
	last  bool          // the keys could not be renewed
	asked atomic.Bool   // somebody was asked for a code
}

// Retrieve implements [aws.CredentialsProvider].
func (k *keyring) Retrieve(ctx context.Context) (aws.Credentials, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.lasting(ctx, min(k.life/3, 5*time.Minute))
}

// renew renews keys that have less than a third of their life left.
func (k *keyring) renew(ctx context.Context) (aws.Credentials, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.lasting(ctx, k.life/3)
}

// end is when the keys end, if that is before a time and they cannot be renewed. It finds that out by trying, except
// where somebody would have to type another code.
func (k *keyring) end(ctx context.Context, before time.Time) (end time.Time, ends bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	wanted := before.Sub(k.now())
	if k.asked.Load() {
		wanted = 0
	}
	held, err := k.lasting(ctx, wanted)
	return held.Expires, k.last && held.CanExpire && held.Expires.Before(before), err
}

// lasting returns keys, new ones where those at hand do not last for a while.
func (k *keyring) lasting(ctx context.Context, while time.Duration) (aws.Credentials, error) {
	valid := k.held.HasKeys() && k.left() > 0
	if valid && k.left() >= while {
		return k.held, nil
	}
	if valid {
		k.forget()
	}
	got, err := k.source.Retrieve(ctx)
	switch {
	case err != nil && !valid:
		return aws.Credentials{}, err
	case err != nil:
		k.last = true
	case !valid || !got.CanExpire || got.Expires.After(k.held.Expires):
		k.held, k.last = got, false
	default: // the same keys; the roles of machines and containers have new ones in time, all the same
		k.last = got.Source == processcreds.ProviderName
	}
	k.life = k.left() // so what failed is tried again after two thirds of the time that is left
	return k.held, nil
}

// left is how long the keys last.
func (k *keyring) left() time.Duration {
	if !k.held.CanExpire {
		return 1<<63 - 1
	}
	return k.held.Expires.Sub(k.now())
}
