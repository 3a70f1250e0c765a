package tasks

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/state"
)

// withTerraform has everything that Terraform needs before it is started: credentials of the right account, the state's
// bucket, a binary and its providers, a state that nobody else works on and that is of this region. Until do is over, no other
// run gets at Terraform's data folder: it would find this run's backend in it, or this run its. target is what to type to go on
// after an interrupt.
func (s *session) withTerraform(ctx context.Context, target string, lockTimeout time.Duration, do func(context.Context, *driver) error) error {
	if err := s.sayWho(ctx, target); err != nil {
		return err
	}
	client, err := s.stateClient(ctx)
	if err != nil {
		return err
	}
	d, err := s.terraform(ctx, lockTimeout)
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

// read learns what the state holds, once nobody works on it: in the middle of an apply, repositories exist that the state does
// not know yet.
func (d *driver) read(ctx context.Context, client *s3.Client, late time.Time) error {
	if err := d.waitForLock(ctx, client, late); err != nil {
		return err
	}
	return d.learn(ctx, client)
}

// learn reads what the state holds now.
func (d *driver) learn(ctx context.Context, client *s3.Client) error {
	raw, err := state.Read(ctx, client, d.bucket(), d.Backend.Key)
	if err != nil {
		return d.explain(err)
	}
	document, err := state.Parse(raw)
	if err != nil {
		return err
	}
	d.held, d.old = document.Repositories(), document.Leftovers()
	return d.sameRegion(d.held)
}

// waitForLock waits until nobody holds the state's lock, and says who does: Terraform would wait in silence.
func (s *session) waitForLock(ctx context.Context, client *s3.Client, late time.Time) error {
	for told := ""; ; {
		lock, err := state.Lock(ctx, client, s.bucket(), s.Backend.Key)
		if err != nil || lock == nil {
			return s.explainLock(err)
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
	return hint.Add(err, "wait for that run (%s shows it); if it is dead: %s", typed("state:lock"), typed("state:unlock "+id))
}

// explainLock adds what to type next to an error of reading the lock: one that Terraform did not write keeps it out all the same,
// and goes by nobody's end.
func (s *session) explainLock(err error) error {
	if broken, ok := errors.AsType[*state.BrokenLockError](err); ok {
		return hint.Add(err, "see it: %s; if no run is at work: %s", typed("state:lock"), typed("state:unlock "+broken.Lock.ID))
	}
	return s.explain(err)
}

// sameRegion refuses to work on a state whose repositories are elsewhere: to Terraform they would all be gone, and it would
// make new ones here and forget those there.
func (s *session) sameRegion(held []state.Repository) error {
	var elsewhere []string
	region := ""
	for _, repository := range held {
		if at := repository.Region(); at != "" && at != s.Region {
			region = at
			elsewhere = append(elsewhere, repository.Name)
		}
	}
	if elsewhere == nil {
		return nil
	}
	return hint.Add(fmt.Errorf("the state's repositories %s are in %s, not in %s", strings.Join(elsewhere, ", "), region, s.Region),
		"work on them: AWS_REGION=%s %s; to move them: destroy them there first", region, typed("plan"))
}
