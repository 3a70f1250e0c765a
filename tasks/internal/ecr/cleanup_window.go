package ecr

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"

	"envoy-proxy-poc/tasks/internal/awserr"
)

// How many deletions are under way at once.
const (
	narrowest = 1
	firstWide = 4
	widest    = 16
)

// window is how many calls may be under way at once, found out as TCP does: one more for each round of calls that
// succeed, half as many when ECR is too busy, once for all calls that were under way then. The SDK's adaptive retry
// mode reacts to throttling only, not to a 5xx, and limits the rate instead of the calls.
type window struct {
	mu       sync.Mutex
	wide     float64
	cuts     int
	underWay int
	peak     int
	room     chan struct{} // holds one when somebody may look again
}

func newWindow() *window { return &window{wide: firstWide, room: make(chan struct{}, 1)} }

// enter waits for a place and returns how often the window was cut so far. One caller at a time.
func (w *window) enter(ctx context.Context) (cuts int, err error) {
	for {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		if cuts, ok := w.try(); ok {
			return cuts, nil
		}
		select {
		case <-ctx.Done():
		case <-w.room:
		}
	}
}

func (w *window) try() (cuts int, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.underWay >= int(w.wide) {
		return 0, false
	}
	w.underWay++
	w.peak = max(w.peak, w.underWay)
	return w.cuts, true
}

func (w *window) leave(well bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.underWay--
	if well {
		w.wide = min(widest, w.wide+1/w.wide)
	}
	select {
	case w.room <- struct{}{}:
	default:
	}
}

// cut halves the window unless it was cut since the call saw it, and returns the number of cuts.
func (w *window) cut(seen int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if seen == w.cuts {
		w.cuts++
		w.wide = max(narrowest, w.wide/2)
	}
	return w.cuts
}

// tryWatch is the retryer of one call, and sees each try that fails.
type tryWatch struct {
	aws.Retryer
	window *window
	cuts   int             // of the window, when this call last heard
	stop   context.Context // its end ends the tries
	unsure bool            // a try may have done what was asked without an answer
}

func (t *tryWatch) watch(o *awsecr.Options) { t.Retryer, o.Retryer = o.Retryer, t }

// IsErrorRetryable is what the SDK asks after each try that goes wrong.
func (t *tryWatch) IsErrorRetryable(err error) bool {
	switch {
	case awserr.Throttled(err):
		t.cuts = t.window.cut(t.cuts)
	case awserr.Outage(err):
		t.cuts, t.unsure = t.window.cut(t.cuts), true
	default:
		t.unsure = true
	}
	return t.stop.Err() == nil && t.Retryer.IsErrorRetryable(err)
}
