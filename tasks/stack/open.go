package stack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// WithTerraform has everything that Terraform needs before it is started: credentials of the right account, the state's
// bucket, a binary and its providers, a state that nobody else works on and that is of this region. Until do is over,
// no other run gets at Terraform's data folder: it would find this run's backend in it, or this run its. target is what
// to type to go on after an interrupt.
func WithTerraform(ctx context.Context, s *session.Session, target string, lockTimeout time.Duration,
	do func(context.Context, *Stack) error) error {
	if err := sayWho(ctx, s, target); err != nil {
		return err
	}
	client, err := stateClient(ctx, s)
	if err != nil {
		return err
	}
	d, err := openTerraform(ctx, s, lockTimeout)
	if err != nil {
		return err
	}
	d.target = target
	late := time.Now().Add(lockTimeout)
	release, err := d.occupy(ctx, late)
	if err != nil {
		return err
	}
	defer release()
	if err := d.read(ctx, client, late); err != nil {
		return err
	}
	d.options.LockTimeout = max(time.Until(late), 0).Round(time.Second) // what is left of it, not all of it again
	return do(ctx, d)
}

// read learns what the state holds, once nobody works on it: in the middle of an apply, repositories exist that the
// state does not know yet.
func (d *Stack) read(ctx context.Context, client *s3.Client, late time.Time) error {
	if err := waitForLock(ctx, d.Session, client, late); err != nil {
		return err
	}
	return d.learn(ctx, client)
}

// learn reads what the state holds now.
func (d *Stack) learn(ctx context.Context, client *s3.Client) error {
	raw, err := state.Read(ctx, client, d.Session.Bucket(), d.Session.Settings.Backend.Key)
	if err != nil {
		return d.Session.AWS.Explain(err)
	}
	document, err := state.Parse(raw)
	if err != nil {
		return err
	}
	d.Held, d.old = document.Repositories(), document.Leftovers()
	return SameRegion(d.Session, d.Held)
}

// waitForLock waits until nobody holds the state's lock, and says who does: Terraform would wait in silence.
func waitForLock(ctx context.Context, s *session.Session, client *s3.Client, late time.Time) error {
	for told := ""; ; {
		lock, err := state.Lock(ctx, client, s.Bucket(), s.Settings.Backend.Key)
		if err != nil || lock == nil {
			return ExplainLock(s, err)
		}
		left := time.Until(late)
		if left <= 0 {
			return lockHint(fmt.Errorf("the state is %s", lock), lock.ID)
		}
		if told != lock.ID {
			s.Warn("the state is %s; waiting up to %s", lock, left.Round(time.Second))
			told = lock.ID
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for the state's lock: %w", context.Cause(ctx))
		case <-time.After(min(left, time.Second)):
		}
	}
}

func lockHint(err error, id string) error {
	return hint.Add(err, "wait for that run (%s shows it); if it is dead: %s", menu.Typed("state:lock"),
		menu.Typed("state:unlock "+id))
}

// ExplainLock adds what to type next to an error of reading the lock: one that Terraform did not write keeps it out all
// the same, and goes by nobody's end.
func ExplainLock(s *session.Session, err error) error {
	if broken, ok := errors.AsType[*state.BrokenLockError](err); ok {
		return hint.Add(err, "see it: %s; if no run is at work: %s", menu.Typed("state:lock"),
			menu.Typed("state:unlock "+broken.Lock.ID))
	}
	return s.AWS.Explain(err)
}

// SameRegion refuses to work on a state whose repositories are elsewhere: to Terraform they would all be gone, and it
// would make new ones here and forget those there.
func SameRegion(s *session.Session, held []state.Repository) error {
	var elsewhere []string
	region := ""
	for _, repository := range held {
		if at := repository.Region(); at != "" && at != s.AWS.Region {
			region = at
			elsewhere = append(elsewhere, repository.Name)
		}
	}
	if elsewhere == nil {
		return nil
	}
	return hint.Add(fmt.Errorf("the state's repositories %s are in %s, not in %s", strings.Join(elsewhere, ", "), region,
		s.AWS.Region),
		"work on them: AWS_REGION=%s %s; to move them: destroy them there first", region, menu.Typed("plan"))
}
