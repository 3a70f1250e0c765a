package s3

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"testing"
)

const sig = ";chunk-signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func decodeChunked(text string) (string, string, error) {
	c := newChunkedReader(strings.NewReader(text))
	data, err := io.ReadAll(c)
	return string(data), c.trailers.Get("x-amz-checksum-crc32"), err
}

func TestChunked(t *testing.T) {
	const trailer = "x-amz-checksum-crc32:NhCmhg==\r\n"
	for _, c := range []struct {
		name, text    string
		want, trailer string
		code          string // of the error
	}{
		{"signed", "5" + sig + "\r\nhello\r\n0" + sig + "\r\n\r\n", "hello", "", ""},
		{"unsigned with a trailer", "5\r\nhello\r\n0\r\n" + trailer + "\r\n", "hello", "NhCmhg==", ""},
		{
			"signed with a trailer", "5" + sig + "\r\nhello\r\n0" + sig + "\r\n" + trailer + "x-amz-trailer-signature:ab\r\n\r\n",
			"hello", "NhCmhg==", "",
		},
		{"as the API Reference prints it", "5" + sig + "\r\nhello\r\n0" + sig + "\r\nx-amz-checksum-crc32:NhCmhg==\n\r\n" +
			"x-amz-trailer-signature:ab\r\n\r\n", "hello", "NhCmhg==", ""},
		{"two chunks, capital digits", "A\r\n0123456789\r\n1\r\na\r\n0\r\n\r\n", "0123456789a", "", ""},
		{"empty", "0\r\n\r\n", "", "", ""},
		{"nothing", "", "", "", "IncompleteBody"},
		{"no last chunk", "5\r\nhello\r\n", "hello", "", "IncompleteBody"},
		{"cut in a chunk", "5\r\nhel", "hel", "", "IncompleteBody"},
		{"a chunk too long", "4\r\nhello\r\n0\r\n\r\n", "hell", "", "IncompleteBody"},
		{"no end", "5\r\nhello\r\n0\r\n", "hello", "", "IncompleteBody"},
		{"no size", "\r\nhello", "", "", "IncompleteBody"},
		{"a negative size", "-5\r\nhello\r\n0\r\n\r\n", "", "", "IncompleteBody"},
		{"a huge size", "fffffffffffffffff\r\nhello", "", "", "IncompleteBody"},
		{"an endless header", strings.Repeat("0", 5000), "", "", "IncompleteBody"},
		{"no trailer's form", "0\r\nab\r\n\r\n", "", "", "MalformedTrailerError"},
		{"endless trailers", "0\r\n" + strings.Repeat(trailer, 1000), "", "", "MalformedTrailerError"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, sum, err := decodeChunked(c.text)
			code := ""
			var refused *apiError
			if errors.As(err, &refused) {
				code = refused.code
			} else if err != nil {
				t.Fatal(err)
			}
			equal(t, "body", got, c.want)
			equal(t, "error", code, c.code)
			equal(t, "trailer", sum, c.trailer)
		})
	}
}

func TestChunkedUploads(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	sum := base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(big))))
	signed, plain := encodeChunked([]byte(big), 8192, sig), encodeChunked([]byte(big), 8192, "")
	length := fmt.Sprint(len(big))
	for _, c := range []struct {
		name, mode, text, trailer, length string
		want                              string
	}{
		{"signed", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", signed + "\r\n", "", length, ""},
		{"unsigned, trailer", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", plain + "x-amz-checksum-crc32:" + sum + "\r\n\r\n", "x-amz-checksum-crc32", length, ""},
		{"signed, trailer", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", signed + "x-amz-checksum-crc32:" + sum + "\r\nx-amz-trailer-signature:0\r\n\r\n", "x-amz-checksum-crc32", length, ""},
		{"a wrong sum", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", plain + "x-amz-checksum-crc32:AAAAAA==\r\n\r\n", "x-amz-checksum-crc32", length, "BadDigest"},
		{"no sum", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", plain + "\r\n", "x-amz-checksum-crc32", length, "MalformedTrailerError"},
		{"a wrong length", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", plain + "\r\n", "", "5", "IncompleteBody"},
		{"no length", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", plain + "\r\n", "", "", "MissingContentLength"},
		{"an unknown mode", "STREAMING-ROT13", plain, "", length, "NotImplemented"},
		{"asymmetric", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", signed, "", length, "NotImplemented"},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, text := w.raw("PUT", "/state/"+strings.ReplaceAll(c.name, " ", "-"), c.text, "x-amz-content-sha256", c.mode,
				"x-amz-trailer", c.trailer, "x-amz-decoded-content-length", c.length, "Content-Encoding", "aws-chunked,gzip")
			if c.want != "" {
				equal(t, text, strings.Contains(text, "<Code>"+c.want+"</Code>"), true)
				return
			}
			equal(t, "status "+text, res.StatusCode, 200)
			res, text = w.raw("GET", "/state/"+strings.ReplaceAll(c.name, " ", "-"), "", "Accept-Encoding", "identity")
			equal(t, "body", text == big, true)
			equal(t, "encoding", res.Header.Get("Content-Encoding"), "gzip")
		})
	}
}

// encodeChunked frames data, without the blank line at the end.
func encodeChunked(data []byte, size int, ext string) string {
	var out strings.Builder
	for len(data) > 0 {
		n := min(size, len(data))
		fmt.Fprintf(&out, "%x%s\r\n%s\r\n", n, ext, data[:n])
		data = data[n:]
	}
	return out.String() + "0" + ext + "\r\n"
}

// FuzzChunked checks that no body makes the decoder give back more than it was given, and that what was
// framed is given back. Its seeds are in testdata/fuzz/FuzzChunked.
func FuzzChunked(f *testing.F) {
	f.Fuzz(func(t *testing.T, text []byte, signed bool) {
		got, _, _ := decodeChunked(string(text))
		if len(got) > len(text) {
			t.Errorf("%d bytes were made of %d", len(got), len(text))
		}
		text = text[:min(len(text), 512)] // HTTP's decoder refuses many small chunks
		again, _, err := decodeChunked(encodeChunked(text, 7, map[bool]string{true: sig}[signed]) + "\r\n")
		if err != nil || again != string(text) {
			t.Errorf("decoding what was encoded: %q, %v, want %q", again, err, text)
		}
	})
}
