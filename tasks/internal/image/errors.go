package image

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// What a registry refuses, as errors.Is sees it.
var (
	ErrNoRepository = errors.New("the repository does not exist")
	ErrUnauthorized = errors.New("the registry does not know who asks") // 401
	ErrDenied       = errors.New("the registry denies access")          // 403: no right, or an expired password
	ErrTagImmutable = errors.New("the repository does not let a tag move")
	ErrNotThere     = errors.New("the repository has no such image")
)

const wordsLimit = 400 // of a registry's message in an error, in bytes

// refusal is a registry's answer in one line. The client's own text would show a proxy's whole HTML page.
type refusal struct {
	kind   error // one of the above, or nil
	answer *transport.Error
}

func (r *refusal) Error() string {
	var b strings.Builder
	if r.kind != nil {
		fmt.Fprintf(&b, "%s: ", r.kind)
	}
	fmt.Fprintf(&b, "%d %s", r.answer.StatusCode, http.StatusText(r.answer.StatusCode))
	if req := r.answer.Request; req != nil {
		fmt.Fprintf(&b, " to %s %s", req.Method, req.URL.Path)
	}
	for _, d := range r.answer.Errors {
		said := strings.Join(strings.Fields(d.Message), " ")
		fmt.Fprintf(&b, ": %s: %s", d.Code, said[:min(len(said), wordsLimit)])
	}
	return b.String()
}

// Unwrap leaves the client's error out: its text may hold a body and a signed address.
func (r *refusal) Unwrap() error { return r.kind }

// explain makes an error of the registry client readable. It drops an upload's query, which can hold a token.
func explain(err error) error {
	var answer *transport.Error
	if errors.As(err, &answer) {
		return &refusal{kind: kindOf(answer), answer: answer}
	}
	var lost *url.Error
	if errors.As(err, &lost) {
		if u, perr := url.Parse(lost.URL); perr == nil && (u.RawQuery != "" || u.User != nil) {
			return &url.Error{Op: lost.Op, URL: u.Scheme + "://" + u.Host + u.Path, Err: lost.Err}
		}
	}
	return err
}

func kindOf(answer *transport.Error) error {
	switch {
	case hasCode(answer, transport.NameUnknownErrorCode):
		return ErrNoRepository
	case answer.StatusCode == http.StatusUnauthorized:
		return ErrUnauthorized
	case answer.StatusCode == http.StatusForbidden:
		return ErrDenied
	}
	return nil
}

func hasCode(answer *transport.Error, code transport.ErrorCode) bool {
	return slices.ContainsFunc(answer.Errors, func(d transport.Diagnostic) bool { return d.Code == code })
}

// status is the HTTP status of a registry's refusal, before explain or after; 0 if err is none.
func status(err error) int {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.answer.StatusCode
	}
	if answer, ok := errors.AsType[*transport.Error](err); ok {
		return answer.StatusCode
	}
	return 0
}
