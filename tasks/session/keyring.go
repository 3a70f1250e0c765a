package session

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
)

// Keys are the credentials as variables for another program's environment. Those that have less than a third of their
// life left are renewed; those that cannot be renewed are used as long as they last.
func (a Account) Keys(ctx context.Context) (map[string]string, error) {
	cfg, err := a.open()
	if err != nil {
		return nil, err
	}
	held, err := cfg.Credentials.(*keyring).renew(ctx)
	if err != nil {
		return nil, a.Explain(err)
	}
	return map[string]string{
		"AWS_ACCESS_KEY_ID": held.AccessKeyID, "AWS_SECRET_ACCESS_KEY": held.SecretAccessKey,
		"AWS_SESSION_TOKEN": held.SessionToken,
	}, nil
}

// End is when the credentials end, if that is before a time and they cannot be renewed.
func (a Account) End(ctx context.Context, before time.Time) (end time.Time, ends bool, err error) {
	cfg, err := a.open()
	if err != nil {
		return time.Time{}, false, err
	}
	end, ends, err = cfg.Credentials.(*keyring).end(ctx, before)
	return end, ends, a.Explain(err)
}

// keyring holds the keys of a run: it asks for them once, renews them before they end, and uses keys that cannot be
// renewed as long as they last.
type keyring struct {
	source aws.CredentialsProvider
	now    func() time.Time

	mu    sync.Mutex
	held  aws.Credentials
	life  time.Duration // from when the keys were obtained, or could not be renewed, to their end
	last  bool          // the keys could not be renewed
	fault error         // why there are no keys at all
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
	if valid && k.left() >= while || k.fault != nil {
		return k.held, k.fault
	}
	if cache, ok := k.source.(interface{ Invalidate() }); ok && valid { // the SDK's, which would give the same keys
		cache.Invalidate()
	}
	got, err := k.source.Retrieve(ctx)
	switch {
	case err != nil && !valid:
		if !k.held.HasKeys() && ctx.Err() == nil {
			k.fault = err // two calls at once must not ask for two codes
		}
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

func (k *keyring) left() time.Duration {
	if !k.held.CanExpire {
		return 1<<63 - 1
	}
	return k.held.Expires.Sub(k.now())
}
