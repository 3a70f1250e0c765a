package s3

import (
	"bufio"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// maxTrailers bounds what may follow the last chunk: a checksum, a signature, blank lines.
const maxTrailers = 8

// chunkSignature is what follows the size in the signed variants. Its value is not verified.
var chunkSignature = regexp.MustCompile(`^;chunk-signature=[0-9a-f]{64}$`)

// chunkedReader decodes an aws-chunked body (API Reference, "Signature calculations … chunked upload"):
//
//	5[;chunk-signature=…]\r\nhello\r\n0[;chunk-signature=…]\r\n[x-amz-checksum-…:…\r\n][x-amz-trailer-signature:…\r\n]\r\n
//
// It holds one buffer of 4 KiB, whatever the body says of itself.
type chunkedReader struct {
	src      *bufio.Reader
	signed   bool              // every chunk carries a signature
	trailing bool              // trailers may follow the last chunk
	trailers map[string]string // by lower-case name; complete at io.EOF
	left     int64             // bytes of the current chunk
	err      error
}

func newChunkedReader(src io.Reader, signed, trailing bool) *chunkedReader {
	return &chunkedReader{src: bufio.NewReaderSize(src, 4096), signed: signed, trailing: trailing, trailers: map[string]string{}}
}

func (c *chunkedReader) Read(p []byte) (int, error) {
	if c.err == nil && c.left == 0 {
		c.err = c.next()
	}
	if c.err != nil || len(p) == 0 {
		return 0, c.err
	}
	n, err := c.src.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	switch {
	case err != nil:
		c.err = errIncompleteBody
	case c.left == 0:
		c.err = c.endOfChunk()
	}
	return n, nil // an error waits for the next call
}

// next reads a chunk's header; at the last one it reads the trailers too and returns io.EOF.
func (c *chunkedReader) next() error {
	line, err := c.line()
	if err != nil {
		return errIncompleteBody
	}
	size, signature := line, ""
	if i := strings.IndexByte(line, ';'); i >= 0 {
		size, signature = line[:i], line[i:]
	}
	n, err := strconv.ParseUint(size, 16, 63)
	if err != nil || c.signed != chunkSignature.MatchString(signature) || (!c.signed && signature != "") {
		return errInvalidRequest.says("The aws-chunked body has a malformed chunk header.")
	}
	if n == 0 {
		return c.readTrailers()
	}
	c.left = int64(n)
	return nil
}

func (c *chunkedReader) endOfChunk() error {
	if line, err := c.line(); err != nil || line != "" {
		return errIncompleteBody
	}
	return nil
}

// readTrailers reads to the end of the body, which must hold a blank line and nothing malformed.
func (c *chunkedReader) readTrailers() error {
	closed := false
	for range maxTrailers {
		line, err := c.line()
		switch {
		case errors.Is(err, io.EOF) && closed && line == "":
			return io.EOF
		case err != nil:
			return errIncompleteBody
		case line == "":
			closed = true
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := c.trailers[name]; !ok || !c.trailing || twice || name == "" {
			return errMalformedTrailer
		}
		c.trailers[name] = strings.TrimSpace(value)
	}
	return errMalformedTrailer
}

// line reads up to a line feed and takes the end of the line off. A line longer than the buffer is an error.
func (c *chunkedReader) line() (string, error) {
	line, err := c.src.ReadSlice('\n')
	return strings.TrimRight(string(line), "\r\n"), err
}
