package ecr

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"
)

var errThrottled = error(&smithy.GenericAPIError{Code: "ThrottlingException", Message: "no"})

// While all goes well, the window widens by one for each round of calls; it has an end.
func TestWindowWidens(t *testing.T) {
	w := newWindow()
	rounds := 0
	for int(w.wide) < widest {
		rounds++
		for range int(w.wide) {
			if _, err := w.enter(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for range w.underWay {
			w.leave(true)
		}
	}
	if rounds < widest-firstWide || rounds > 2*(widest-firstWide) {
		t.Errorf("%d rounds from %d to %d", rounds, firstWide, widest)
	}
	for range 1000 {
		w.wide = min(widest, w.wide)
		_, _ = w.enter(t.Context())
		w.leave(true)
	}
	if w.wide > widest || w.peak > widest {
		t.Errorf("it is %v wide, with %d under way at most, want %d", w.wide, w.peak, widest)
	}
}

// All calls that were under way when ECR was too busy halve it once; when their next tries are refused too, once more.
func TestWindowNarrows(t *testing.T) {
	w := newWindow()
	w.wide = 8
	calls := make([]*tryWatch, 8)
	for i := range calls {
		cuts, err := w.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		calls[i] = &tryWatch{Retryer: aws.NopRetryer{}, window: w, cuts: cuts, stop: t.Context()}
	}
	for _, want := range []float64{4, 2, 1, 1} {
		for _, call := range calls {
			call.IsErrorRetryable(errThrottled)
		}
		if w.wide != want {
			t.Errorf("it is %v wide, want %v", w.wide, want)
		}
	}
	for i, call := range calls {
		if call.unsure {
			t.Errorf("call %d may have done something, when it was throttled", i)
		}
	}
}

// Calls wait for room, and the end of the context ends the wait.
func TestWindowMakesCallsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWindow()
		for range firstWide {
			if _, err := w.enter(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		time.AfterFunc(time.Second, func() { w.leave(false) })
		begin := time.Now()
		if _, err := w.enter(t.Context()); err != nil || time.Since(begin) != time.Second {
			t.Errorf("waited %v, err = %v, want a second", time.Since(begin), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := w.enter(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("err = %v, want the context's", err)
		}
	})
}

// Only what tells nothing of the outcome leaves a doubt, and after the end of ctx nothing is tried again.
func TestTries(t *testing.T) {
	always := struct{ aws.Retryer }{alwaysRetry{}}
	for name, test := range map[string]struct {
		err    error
		unsure bool
	}{
		"throttled":         {errThrottled, false},
		"the service fails": {&types.ServerException{}, true},
		"a lost connection": {errors.New("connection reset by peer"), true},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		call := &tryWatch{Retryer: always, window: newWindow(), stop: ctx}
		if again := call.IsErrorRetryable(test.err); !again || call.unsure != test.unsure {
			t.Errorf("%s: again %v, unsure %v, want it again, and %v", name, again, call.unsure, test.unsure)
		}
		cancel()
		if call.IsErrorRetryable(test.err) {
			t.Errorf("%s: it is tried again after the end", name)
		}
	}
}

type alwaysRetry struct{ aws.NopRetryer }

func (alwaysRetry) IsErrorRetryable(error) bool { return true }
