package image

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote"

	"envoy-proxy-poc/tasks/internal/again"
)

// patience is eight tries, each wait up to twice as long by chance: ECR throttles by the second.
var patience = remote.Backoff{Duration: 250 * time.Millisecond, Factor: 2, Jitter: 1, Steps: 8}

const longestWait = 30 * time.Second // the most that a registry's Retry-After is followed

const refusalLimit = 64 << 10 // of a refusal, in bytes: as much as the registry client reads

// patient makes a request again that may succeed. Its waits, unlike the registry client's, end with the context. It
// tries requests and not whole uploads: where three of ten are throttled, four in a row seldom succeed.
type patient struct {
	inner   http.RoundTripper
	backoff remote.Backoff
	again   again.Teller
}

func (p patient) RoundTrip(req *http.Request) (*http.Response, error) {
	call := p.again.Begin()
	defer call.End()
	for backoff := p.backoff; ; {
		res, err := p.trip(req)
		wait := backoff.Step()
		if backoff.Steps <= 0 || !passes(res, err) || !repeatable(req, res) {
			return res, err
		}
		if res != nil {
			wait = max(wait, retryAfter(res))
		}
		call.Failed(cause(req, res, err), p.backoff.Steps-backoff.Steps+1, p.backoff.Steps)
		if err := again.Sleep(req.Context(), wait); err != nil {
			return nil, err
		}
		if req, err = rewound(req); err != nil {
			return nil, err
		}
	}
}

func cause(req *http.Request, res *http.Response, err error) string {
	call := req.Method + " " + req.URL.EscapedPath()
	if err != nil {
		return again.Cause("the registry", call, false, err.Error())
	}
	return again.Cause("the registry", call, res.StatusCode == http.StatusTooManyRequests, http.StatusText(res.StatusCode))
}

// trip makes a request once. A refusal that breaks off counts as lost.
func (p patient) trip(req *http.Request) (*http.Response, error) {
	res, err := p.inner.RoundTrip(req)
	if err != nil || res.StatusCode < http.StatusBadRequest {
		return res, err
	}
	defer res.Body.Close()
	said, err := io.ReadAll(io.LimitReader(res.Body, refusalLimit)) // to its end, or the connection cannot be used again
	if err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(said))
	return res, nil
}

// repeatable says whether a request may be sent again as it was. A blob's content may not, for half of it may have
// arrived, nor the end of its upload, which may have been reached: ECR answers 416 or 404. [pusher] begins those anew.
func repeatable(req *http.Request, res *http.Response) bool {
	switch {
	case req.Body != nil && req.Body != http.NoBody:
		return req.Method != http.MethodPatch && req.GetBody != nil
	case req.Method == http.MethodPut:
		return res != nil && res.StatusCode == http.StatusTooManyRequests
	}
	return true
}

func rewound(req *http.Request) (*http.Request, error) {
	if req.GetBody == nil {
		return req, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	again := req.Clone(req.Context())
	again.Body = body
	return again, nil
}

// passes says whether a failure may pass, by the registry client's own rules (remote.makeOptions).
func passes(res *http.Response, err error) bool {
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
	return slices.ContainsFunc(cuts, func(one error) bool { return errors.Is(err, one) })
}

// cuts are the ways in which a connection ends too soon.
var cuts = []error{io.EOF, io.ErrUnexpectedEOF, syscall.EPIPE, syscall.ECONNRESET, net.ErrClosed}

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
