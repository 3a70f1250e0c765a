package image

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// patience is eight tries, as the suite's AWS clients make them, with full jitter: ECR throttles by the second
// (https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html).
var patience = remote.Backoff{Duration: 250 * time.Millisecond, Factor: 2, Jitter: 1, Steps: 8}

// longestWait is the most that a registry's Retry-After is followed.
const longestWait = 30 * time.Second

// patient makes a request again that failed of what may pass. It leaves alone those with a body: of a layer half of it may
// have arrived, and the registry client begins such an upload anew, with a session of its own. That client tries whole uploads,
// and where three requests of ten are throttled, four in a row seldom go through.
type patient struct {
	inner   http.RoundTripper
	backoff remote.Backoff
}

func (p patient) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil && req.Body != http.NoBody {
		return p.inner.RoundTrip(req)
	}
	for backoff := p.backoff; ; {
		res, err := p.inner.RoundTrip(req)
		if wait := backoff.Step(); backoff.Steps > 0 && again(res, err) {
			if res != nil {
				wait = max(wait, retryAfter(res))
				_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16)) // so that the connection can be used again
				res.Body.Close()
			}
			if err := sleep(req.Context(), wait); err != nil {
				return nil, err
			}
			continue
		}
		return res, err
	}
}

// again says whether a request may go through another time. These are the registry client's own rules (remote.makeOptions),
// which a transport that is handed to it replaces.
func again(res *http.Response, err error) bool {
	if err == nil {
		return slices.Contains(passing, res.StatusCode)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var temporary interface{ Temporary() bool }
	if errors.As(err, &temporary) && temporary.Temporary() {
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

var passing = []int{
	http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
	http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}

func retryAfter(res *http.Response) time.Duration {
	seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, longestWait)
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
