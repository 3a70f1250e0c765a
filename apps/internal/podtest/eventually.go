package podtest

import (
	"testing"
	"time"
)

// Eventually waits until a number is what it should be.
func Eventually[N int | int64](t *testing.T, name string, number func() N, good func(N) bool) {
	t.Helper()
	for deadline := time.Now().Add(Patience); !good(number()); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s stays %d", name, number())
		}
	}
}

// Is is a number that Eventually waits for.
func Is[N int | int64](want N) func(N) bool { return func(got N) bool { return got == want } }

// AtLeast is a number, or more, that Eventually waits for.
func AtLeast[N int | int64](least N) func(N) bool { return func(got N) bool { return got >= least } }
