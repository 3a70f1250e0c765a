package localaws

import (
	"io"
	"net/http"
	"strconv"
)

// cutRequest gives a part of the request's body to next, and closes the connection on the client. A request without a
// body is cut before anything is done.
func cutRequest(r *http.Request, bytes int64, next http.HandlerFunc) {
	if bytes == 0 {
		bytes = r.ContentLength / 2
	}
	if bytes <= 0 {
		bytes = 1 // of a body of unknown length
	}
	if r.Body != http.NoBody && r.ContentLength != 0 {
		r.Body = &brokenBody{r.Body, bytes}
		next(&cutWriter{header: http.Header{}}, r)
	}
	panic(http.ErrAbortHandler)
}

// brokenBody is a body whose connection is lost.
type brokenBody struct {
	io.ReadCloser
	left int64
}

func (b *brokenBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// cutAnswer lets next answer, and closes the connection on the client in the middle of it.
func cutAnswer(w http.ResponseWriter, r *http.Request, bytes int64, next http.HandlerFunc) {
	cut := &cutWriter{to: w, header: w.Header(), left: bytes}
	next(cut, r)
	if cut.begun {
		_ = http.NewResponseController(w).Flush() // the client may be gone, which is as good
	}
	panic(http.ErrAbortHandler)
}

// cutWriter passes on the begin of an answer's body, and with its first byte the status. It never fails: the handler
// must end as it would have.
type cutWriter struct {
	to     http.ResponseWriter // nil for an answer that gets lost
	header http.Header
	status int
	begun  bool
	left   int64 // bytes that still pass; 0 before the begin is for half of the body
}

func (c *cutWriter) Header() http.Header { return c.header }

func (c *cutWriter) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
}

func (c *cutWriter) Write(p []byte) (int, error) {
	c.WriteHeader(http.StatusOK)
	if c.to == nil || len(p) == 0 {
		return len(p), nil
	}
	if !c.begun {
		c.begin(len(p))
	}
	pass := p[:min(int64(len(p)), c.left)]
	c.left -= int64(len(pass))
	_, _ = c.to.Write(pass) // the client may be gone, which is as good
	return len(p), nil
}

// begin settles how much passes: of a body whose length is not announced, the first write's stands for it.
func (c *cutWriter) begin(first int) {
	c.begun = true
	length, err := strconv.ParseInt(c.header.Get("Content-Length"), 10, 64)
	if err != nil {
		length = int64(first)
	}
	if c.left == 0 {
		c.left = length / 2
	}
	c.left = min(c.left, length-1) // or it would be no cut
	c.to.WriteHeader(c.status)
}
