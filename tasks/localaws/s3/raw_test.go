package s3

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
)

const authorization = "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-west-2/s3/aws4_request, SignedHeaders=host, Signature=0"

// raw sends a request as it is, with an Authorization and an unsigned payload unless headers say otherwise.
func (w *world) raw(method, path, body string, headers ...string) (*http.Response, string) {
	w.Helper()
	req, err := http.NewRequest(method, w.http.URL+path, bytes.NewReader([]byte(body)))
	w.must(err)
	req.Header.Set("Authorization", authorization)
	req.Header.Set("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] == "" {
			req.Header.Del(headers[i])
		} else {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	w.must(err)
	return res, w.read(res.Body)
}

// head returns the answer to a HEAD as it comes off the wire.
func (w *world) head(path string) string {
	w.Helper()
	c, err := net.Dial("tcp", w.http.Listener.Addr().String())
	w.must(err)
	_, err = fmt.Fprintf(c, "HEAD %s HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nConnection: close\r\n\r\n", path, authorization)
	w.must(err)
	return w.read(c)
}
