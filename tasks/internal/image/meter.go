package image

import (
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
	sizes  map[v1.Hash]int64
	read   map[v1.Hash]int64 // of the running try
	sent   map[v1.Hash]bool  // opened at least once, so not in the repository before
	ended  map[v1.Hash]bool
}

func newMeter(app string, blobs []v1.Layer, report func(Progress)) (*meter, error) {
	m := &meter{
		app: app, report: report,
		sizes: map[v1.Hash]int64{}, read: map[v1.Hash]int64{}, sent: map[v1.Hash]bool{}, ended: map[v1.Hash]bool{},
	}
	for _, blob := range blobs {
		digest, err := blob.Digest()
		if err != nil {
			return nil, err
		}
		size, err := blob.Size()
		if err != nil {
			return nil, err
		}
		m.sizes[digest] = size
	}
	return m, nil
}

// start notes a new try, with bytes counted from zero.
func (m *meter) start(digest v1.Hash) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent[digest], m.read[digest] = true, 0
}

// add notes n bytes read. What a request still reads after its blob has ended does not count.
func (m *meter) add(digest v1.Hash, n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended[digest] {
		return
	}
	m.read[digest] = min(m.read[digest]+int64(n), m.sizes[digest])
	m.tell(digest)
}

// finish notes that the registry has the blob, sent or found there.
func (m *meter) finish(digest v1.Hash) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended[digest], m.read[digest] = true, m.sizes[digest]
	m.tell(digest)
}

func (m *meter) tell(digest v1.Hash) {
	if m.report != nil {
		m.report(Progress{App: m.app, Blob: digest, Done: m.read[digest], Total: m.sizes[digest]})
	}
}

// count is how many blobs the registry has, of how many.
func (m *meter) count() (there, all int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.ended), len(m.sizes)
}

// close ends the reports.
func (m *meter) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.report = nil
}

// sentBytes is the size of the blobs that were uploaded to their end.
func (m *meter) sentBytes() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	var n int64
	for digest := range m.sent {
		if m.ended[digest] {
			n += m.sizes[digest]
		}
	}
	return n
}

// metered is a blob that counts what is read of it.
type metered struct {
	v1.Layer
	digest v1.Hash
	meter  *meter
}

func (l metered) Compressed() (io.ReadCloser, error) {
	rc, err := l.Layer.Compressed()
	if err != nil {
		return nil, err
	}
	l.meter.start(l.digest)
	return &meteredReader{ReadCloser: rc, of: l}, nil
}

type meteredReader struct {
	io.ReadCloser
	of metered
}

func (r *meteredReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.of.meter.add(r.of.digest, n)
	return n, err
}
