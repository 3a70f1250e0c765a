package image

import (
	"cmp"
	"io"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// meter counts what an upload reads of each blob. remote.WithProgress would panic: it closes its channel while an
// interrupted request may still be read.
type meter struct {
	mu     sync.Mutex
	app    string
	report func(Progress) // nil once closed
	blobs  []*metered
}

type metered struct {
	v1.Layer
	meter      *meter
	digest     v1.Hash
	size, read int64 // read is of the running try
	sent       bool  // opened at least once, so not in the repository before
	ended      bool
}

func newMeter(app string, blobs []v1.Layer, report func(Progress)) (*meter, error) {
	m := &meter{app: app, report: report}
	for _, blob := range blobs {
		digest, digestErr := blob.Digest()
		size, sizeErr := blob.Size()
		if err := cmp.Or(digestErr, sizeErr); err != nil {
			return nil, err
		}
		m.blobs = append(m.blobs, &metered{Layer: blob, meter: m, digest: digest, size: size})
	}
	return m, nil
}

// Compressed begins a new try, with bytes counted from zero.
func (l *metered) Compressed() (io.ReadCloser, error) {
	rc, err := l.Layer.Compressed()
	if err != nil {
		return nil, err
	}
	l.meter.mu.Lock()
	defer l.meter.mu.Unlock()
	l.sent, l.read = true, 0
	return &meteredReader{ReadCloser: rc, of: l}, nil
}

type meteredReader struct {
	io.ReadCloser
	of *metered
}

func (r *meteredReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.of.add(int64(n), false)
	return n, err
}

// add notes n bytes read. What a request still reads after its blob has ended does not count.
func (l *metered) add(n int64, ended bool) {
	l.meter.mu.Lock()
	defer l.meter.mu.Unlock()
	if l.ended {
		return
	}
	l.read, l.ended = min(l.read+n, l.size), ended
	if l.meter.report != nil {
		l.meter.report(Progress{App: l.meter.app, Blob: l.digest, Done: l.read, Total: l.size})
	}
}

// count is how many blobs the registry has, of how many, and the size of those that were uploaded to their end.
func (m *meter) count() (there, all int, sent int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.blobs {
		if l.ended {
			there++
		}
		if l.ended && l.sent {
			sent += l.size
		}
	}
	return there, len(m.blobs), sent
}

func (m *meter) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.report = nil
}
