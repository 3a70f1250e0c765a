package s3

import (
	"bufio"
	"errors"
	"io"
	"net/http/httputil"
	"net/textproto"
)

const maxTrailers = 4 << 10 // bytes

// chunkedReader decodes an aws-chunked body: the chunks of HTTP, in the signed variants with a signature behind each
// size, which is not verified, and then trailers. AWS's SDK for JavaScript sends streams so, and all SDKs do over TLS.
type chunkedReader struct {
	src      *bufio.Reader
	chunks   io.Reader
	trailers textproto.MIMEHeader // complete at io.EOF
}

func newChunkedReader(body io.Reader) *chunkedReader {
	src := bufio.NewReader(body) // NewChunkedReader reads no further than the last chunk of a bufio.Reader
	return &chunkedReader{src: src, chunks: httputil.NewChunkedReader(src)}
}

func (c *chunkedReader) Read(p []byte) (int, error) {
	n, err := c.chunks.Read(p)
	switch ended := errors.Is(err, io.EOF); {
	case ended && c.trailers == nil:
		err = c.readTrailers()
	case err != nil && !ended:
		err = errIncompleteBody
	}
	return n, err
}

func (c *chunkedReader) readTrailers() error {
	trailers, err := textproto.NewReader(bufio.NewReader(io.LimitReader(c.src, maxTrailers))).ReadMIMEHeader()
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errIncompleteBody
	case err != nil:
		return errMalformedTrailer
	}
	c.trailers = trailers
	return io.EOF
}
