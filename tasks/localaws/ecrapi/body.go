package ecrapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

// maxBody holds the largest request there is: a part of 20,971,520 bytes in base64, or a manifest of 4,194,304 bytes
// with most of them escaped.
const maxBody = 32 << 20

// A request of more than smallBody bytes takes several times its size in memory, so it waits until it has the one place
// for such requests. bodyTime is how long it may then take to arrive, or a client that stands still would hold up others.
const (
	smallBody = 1 << 20
	bodyTime  = time.Minute
)

// body reads a request. done must be called when the answer is there.
func (a *API) body(w http.ResponseWriter, r *http.Request) (body []byte, done func(), err error) {
	done = func() {}
	if r.ContentLength < 0 || r.ContentLength > smallBody {
		select {
		case a.large <- struct{}{}:
			done = func() { <-a.large }
		case <-r.Context().Done():
			return nil, done, r.Context().Err()
		}
		control := http.NewResponseController(w)
		_ = control.SetReadDeadline(time.Now().Add(bodyTime)) // not every server has deadlines
		defer func() { _ = control.SetReadDeadline(time.Time{}) }()
	}
	body = make([]byte, 0, min(max(r.ContentLength, 0), maxBody)+1)
	for err == nil && len(body) <= maxBody {
		if len(body) == cap(body) {
			body = append(body, 0)[:len(body)]
		}
		var n int
		n, err = r.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
	}
	switch {
	case len(body) > maxBody:
		err = &catalog.Error{
			Code: "RequestEntityTooLargeException", Message: fmt.Sprintf("The request is larger than %d bytes", maxBody),
		}
	case errors.Is(err, io.EOF):
		err = nil
	default:
		err = &catalog.Error{Code: "SerializationException", Message: "The request's body broke off"}
	}
	return body, done, err
}
