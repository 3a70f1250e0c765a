package session

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
)

// issuer gives keys that live for a while, unless it fails or always gives the same ones.
type issuer struct {
	clock  time.Time
	life   time.Duration
	source string
	end    time.Time // of keys that are the same each time
	fault  error
	asked  int
	forgot int
}

func (i *issuer) Retrieve(context.Context) (aws.Credentials, error) {
	i.asked++
	if i.fault != nil {
		return aws.Credentials{}, i.fault
	}
	got := aws.Credentials{AccessKeyID: "k", SecretAccessKey: "s", Source: i.source, CanExpire: true, Expires: i.end}
	if i.end.IsZero() {
		got.Expires = i.clock.Add(i.life)
	}
	got.CanExpire = i.life > 0
	return got, nil
}

func (i *issuer) Invalidate() { i.forgot++ }

func (i *issuer) ring() *keyring {
	i.clock = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	return &keyring{source: i, now: func() time.Time { return i.clock }}
}

// Keys are asked for once, and renewed before a command when less than a third of their life is left.
func TestKeysAreRenewedInTheirLastThird(t *testing.T) {
	from := &issuer{life: time.Hour}
	ring := from.ring()
	for _, step := range []struct {
		name  string
		pass  time.Duration
		get   func(context.Context) (aws.Credentials, error)
		asked int
	}{
		{"the first call", 0, ring.Retrieve, 1},
		{"the second call", 0, ring.Retrieve, 1},
		{"a command at the start", 0, ring.renew, 1},
		{"a command after 39 minutes", 39 * time.Minute, ring.renew, 1},
		{"a call after 41 minutes", 2 * time.Minute, ring.Retrieve, 1},
		{"a command after 41 minutes", 0, ring.renew, 2},
		{"a call 4 minutes before the end", 56 * time.Minute, ring.Retrieve, 3},
		{"a call after the end", 2 * time.Hour, ring.Retrieve, 4},
	} {
		from.clock = from.clock.Add(step.pass)
		if _, err := step.get(t.Context()); err != nil || from.asked != step.asked {
			t.Errorf("%s: asked %d times, %v, want %d", step.name, from.asked, err, step.asked)
		}
	}
	if from.forgot != 2 {
		t.Errorf("the SDK's cache was emptied %d times, want 2: keys that have ended are not in it", from.forgot)
	}
}

// Keys that do not end are asked for once.
func TestKeysWithoutAnEndAreAskedForOnce(t *testing.T) {
	from := &issuer{}
	ring := from.ring()
	for range 3 {
		from.clock = from.clock.Add(100 * time.Hour)
		if _, err := ring.renew(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, ends, err := ring.end(t.Context(), from.clock.Add(time.Hour)); ends || err != nil || from.asked != 1 {
		t.Errorf("they end: %v, %v, asked %d times", ends, err, from.asked)
	}
}

// Keys that cannot be renewed are used as long as they last. The issuer is not asked at every call.
func TestKeysThatCannotBeRenewedAreUsedToTheirEnd(t *testing.T) {
	from := &issuer{life: time.Hour}
	ring := from.ring()
	first, err := ring.renew(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	from.fault = errors.New("signed out")
	from.clock = from.clock.Add(45 * time.Minute)
	for range 3 {
		if got, err := ring.renew(t.Context()); err != nil || got != first {
			t.Fatalf("the keys are %v, %v, want the first ones", got, err)
		}
	}
	if from.asked != 2 {
		t.Errorf("asked %d times, want 2", from.asked)
	}
	end, ends, err := ring.end(t.Context(), from.clock.Add(time.Hour))
	if err != nil || !ends || !end.Equal(first.Expires) {
		t.Errorf("the end is %s, %v, %v, want %s", end, ends, err, first.Expires)
	}
	from.clock = first.Expires
	if _, err := ring.renew(t.Context()); !errors.Is(err, from.fault) {
		t.Errorf("after their end: %v, want %v", err, from.fault)
	}
}

// A run that gets no keys asks once: two repositories must not ask for two codes. An interrupt is no answer.
func TestNoKeysAreAskedForOnce(t *testing.T) {
	from := &issuer{life: time.Hour, fault: errors.New("a wrong code")}
	ring := from.ring()
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	for _, ctx := range []context.Context{interrupted, t.Context(), t.Context()} {
		if _, err := ring.Retrieve(ctx); !errors.Is(err, from.fault) {
			t.Errorf("the error is %v, want %v", err, from.fault)
		}
	}
	if from.asked != 2 {
		t.Errorf("asked %d times, want 2", from.asked)
	}
}

// Only keys that cannot be renewed bound how long a run waits.
func TestEndOfKeys(t *testing.T) {
	for _, test := range []struct {
		name  string
		from  issuer
		code  bool
		wait  time.Duration
		ends  bool
		asked int
	}{
		{"a short wait", issuer{life: time.Hour}, false, time.Minute, false, 1},
		{"keys that are renewed", issuer{life: time.Hour}, false, 2 * time.Hour, false, 2},
		{"the same keys of a program", issuer{life: time.Hour, source: processcreds.ProviderName}, false, 2 * time.Hour, true, 2},
		{"the same keys of a machine", issuer{life: time.Hour, source: "EC2RoleProvider"}, false, 2 * time.Hour, false, 2},
		{"keys that need a code", issuer{life: time.Hour}, true, 2 * time.Hour, false, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			ring := test.from.ring()
			if test.from.source != "" {
				test.from.end = test.from.clock.Add(test.from.life)
			}
			if _, err := ring.Retrieve(t.Context()); err != nil {
				t.Fatal(err)
			}
			test.from.clock = test.from.clock.Add(time.Second)
			ring.asked.Store(test.code)
			_, ends, err := ring.end(t.Context(), test.from.clock.Add(test.wait))
			if err != nil || ends != test.ends || test.from.asked != test.asked {
				t.Errorf("they end: %v, %v, asked %d times, want %v and %d", ends, err, test.from.asked, test.ends, test.asked)
			}
		})
	}
}
