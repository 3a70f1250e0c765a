package stack

import (
	"context"
	"time"

	"github.com/magefile/mage/mg"

	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/session"
)

// OpenSession opens the session of a target that uses the state. It refuses another state before anything is read.
func OpenSession() (*session.Session, error) {
	s, err := session.Open(session.Where{})
	if err != nil {
		return nil, err
	}
	return s, CheckState(s)
}

// Run opens the session of a target that uses the state, and does work that must not be cut off.
func Run(ctx context.Context, work func(context.Context, *session.Session) error) error {
	s, err := OpenSession()
	if err != nil {
		return err
	}
	return session.WithSignals(ctx, s.Console, func(ctx context.Context) error { return work(ctx, s) })
}

// Open makes a Terraform ready to start: it checks the account, the state's bucket and the region, finds the binary and
// its providers, and waits until no other run works on the state. target is what the user types to go on after an
// interrupt.
//
// The data folder is locked until release is called. Otherwise two runs could overwrite each other's backend
// settings.
func Open(ctx context.Context, opened *session.Session, target string, lockTimeout time.Duration) (
	s *Stack, release func(), err error,
) {
	return open(ctx, opened, target, lockTimeout, true)
}

// open is Open. Without the lock it does not wait for another run's, and no plan takes one.
func open(ctx context.Context, opened *session.Session, target string, lockTimeout time.Duration, lock bool) (
	s *Stack, release func(), err error,
) {
	if err := allowAccount(ctx, opened, target); err != nil {
		return nil, nil, err
	}
	if err := checkBucket(ctx, opened); err != nil {
		return nil, nil, err
	}
	if s, err = newStack(ctx, opened, lockTimeout); err != nil {
		return nil, nil, err
	}
	s.target, s.options.Locked = target, !lock
	deadline, err := s.deadline(ctx, time.Now().Add(lockTimeout))
	if err != nil {
		return nil, nil, err
	}
	if release, err = s.occupy(ctx, deadline); err != nil {
		return nil, nil, err
	}
	if lock {
		err = s.waitForLock(ctx, deadline)
	} else {
		s.tellLock(ctx)
	}
	if err == nil {
		err = s.read(ctx) // not in the middle of an apply: the state does not know its repositories yet
	}
	if err != nil {
		release()
		return nil, nil, err
	}
	s.options.LockTimeout = max(time.Until(deadline), 0).Round(time.Second) // the rest of it, not all of it again
	return s, release, nil
}

// allowAccount says who the run works as, and refuses an account that locals.tf does not allow.
func allowAccount(ctx context.Context, s *session.Session, target string) error {
	who, err := s.AWS.Identify(ctx)
	if err != nil {
		return err
	}
	if err := s.AWS.Allow(who, target); err != nil {
		return err
	}
	if !session.Local || mg.Verbose() { // the local AWS has said where it is
		s.Say("%s as %s", who, who.ARN)
	}
	return nil
}

// checkBucket is an error where there is no state bucket: Terraform would say so later, and less clearly.
func checkBucket(ctx context.Context, s *session.Session) error {
	client, err := s.S3(ctx)
	if err != nil {
		return err
	}
	return s.AWS.Explain(state.Check(ctx, client, s.Bucket()))
}

func (s *Stack) read(ctx context.Context) error {
	document, err := ReadState(ctx, s.Session)
	if err != nil {
		return err
	}
	s.Held, s.leftovers, s.options.Types = document.Repositories(), document.Leftovers(), document.Types()
	return CheckRegion(s.Session, s.Held)
}
