package localaws

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestSurvive: a handler that panics is answered for, and the log says why; one that cuts the connection is let through.
func TestSurvive(t *testing.T) {
	for _, service := range []string{"ecr", "registry", "s3", "sts", ""} {
		var said string
		a := &AWS{log: func(format string, args ...any) { said = fmt.Sprintf(format, args...) }}
		serve := func(reason any) (answer *httptest.ResponseRecorder, through any) {
			defer func() { through = recover() }()
			answer = httptest.NewRecorder()
			defer a.survive(answer, httptest.NewRequest(http.MethodGet, "/path", nil), service)
			panic(reason)
		}
		answer, through := serve("a broken page")
		if answer.Code != http.StatusInternalServerError || through != nil ||
			!strings.HasPrefix(said, "answering GET /path: a broken page\n") {
			t.Errorf("%s answers %d, panics with %v and says %q", service, answer.Code, through, said)
		}
		if _, through := serve(http.ErrAbortHandler); through != any(http.ErrAbortHandler) {
			t.Errorf("%s: the connection is not cut: %v", service, through)
		}
	}
}
