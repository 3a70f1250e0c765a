package terraform

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	dialTimeout = 10 * time.Second
	stallLimit  = 30 * time.Second // without one byte
	sizeLimit   = 512 << 20        // a terraform is 30 MB packed
)

// download is the line to the releases' server: hc-install tells neither how far it is nor why a body ended.
type download struct {
	base     http.RoundTripper
	stall    time.Duration
	limit    int64
	progress func(done, total int64)

	mu  sync.Mutex
	err error // the first one
}

func newDownload(progress func(done, total int64)) *download {
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.DialContext = (&net.Dialer{Timeout: dialTimeout}).DialContext
	if progress == nil {
		progress = func(int64, int64) {}
	}
	return &download{base: base, stall: stallLimit, limit: sizeLimit, progress: progress}
}

// RoundTrip ends a request that stalls, before its answer or within it.
func (d *download) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(r.Context())
	watch := time.AfterFunc(d.stall, func() { cancel(fmt.Errorf("the server sent nothing for %v", d.stall)) })
	answer, err := d.base.RoundTrip(r.WithContext(ctx))
	if err == nil && answer.ContentLength > d.limit {
		_ = answer.Body.Close()
		err = fmt.Errorf("%s has %d bytes, more than the %d that are taken", r.URL.Path, answer.ContentLength, d.limit)
	}
	if err != nil {
		watch.Stop()
		err = d.fail(cmp.Or(context.Cause(ctx), err))
		cancel(nil)
		return nil, err
	}
	answer.Body = &body{
		ReadCloser: answer.Body, d: d, ctx: ctx, cancel: cancel, watch: watch,
		total: answer.ContentLength, shown: strings.HasSuffix(r.URL.Path, ".zip"),
	}
	return answer, nil
}

func (d *download) fail(err error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil {
		d.err = err
	}
	return err
}

func (d *download) failed() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
}

// body counts what is read, and is cut off where nothing comes any more.
type body struct {
	io.ReadCloser
	d           *download
	ctx         context.Context
	cancel      context.CancelCauseFunc
	watch       *time.Timer
	done, total int64
	shown       bool
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.done += int64(n)
	b.watch.Reset(b.d.stall)
	if b.shown && n > 0 {
		b.d.progress(b.done, b.total)
	}
	switch {
	case b.done > b.d.limit:
		return n, b.d.fail(fmt.Errorf("more than the %d bytes that are taken", b.d.limit))
	case errors.Is(err, io.ErrUnexpectedEOF):
		return n, b.d.fail(fmt.Errorf("the download was cut off after %d of %d bytes: %w", b.done, b.total, err))
	case err != nil && !errors.Is(err, io.EOF):
		return n, b.d.fail(cmp.Or(context.Cause(b.ctx), err)) // the transport knows less
	}
	return n, err
}

func (b *body) Close() error {
	b.watch.Stop()
	b.cancel(nil)
	return b.ReadCloser.Close()
}
