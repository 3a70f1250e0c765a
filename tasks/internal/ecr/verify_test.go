package ecr

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestVerify(t *testing.T) {
	tests := map[string]struct {
		status int
		body   string
		want   error
		says   string
	}{
		"accepted": {200, "", nil, ""},
		"no credentials": {
			401, `{"errors":[{"code":"UNAUTHORIZED","message":"no basic auth credentials"}]}`, ErrRefused,
			"UNAUTHORIZED: no basic auth credentials",
		},
		"expired": {
			403,
			`{"errors":[{"code":"DENIED","message":"Your authorization token has expired. Reauthenticate and try again."}]}`,
			ErrRefused, "has expired",
		},
		"plain words":     {403, "go\r\n\x1b[31maway", ErrRefused, "go [31maway"},
		"no words":        {401, "", ErrRefused, "401 Unauthorized"},
		"endless words":   {403, strings.Repeat("x", 1<<20), ErrRefused, "…"},
		"out of order":    {503, "", ErrUnreachable, "503"},
		"not a registry":  {404, "", ErrUnreachable, "404"},
		"too many":        {429, "", ErrUnreachable, "429"},
		"empty error set": {401, `{"errors":[]}`, ErrRefused, `{"errors":[]}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if user, password, _ := r.BasicAuth(); user != "AWS" || password != "hunter2" || r.URL.Path != "/v2/" {
					t.Errorf("asked %s as %s:%s", r.URL, user, password)
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}))
			defer server.Close()
			err := Verify(t.Context(), server.Client(),
				Credential{Endpoint: server.URL, Host: "registry.example", Username: "AWS", Password: "hunter2"})
			if !errors.Is(err, test.want) || test.want == nil && err != nil {
				t.Fatalf("err = %v, want %v", err, test.want)
			}
			if err != nil && (!strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(),
				"hunter2") || len(err.Error()) > 500) {
				t.Errorf("err = %v, want it short, with %q and without the password", err, test.says)
			}
		})
	}
}

func TestVerifyUnreachable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close() // nobody listens there now
	c := Credential{Endpoint: server.URL, Host: "registry.example", Username: "AWS", Password: "hunter2"}
	if err := Verify(t.Context(), nil, c); !errors.Is(err, ErrUnreachable) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("err = %v, want ErrUnreachable without the password", err)
	}
	tls := httptest.NewTLSServer(http.NotFoundHandler())
	defer tls.Close()
	c.Endpoint = tls.URL
	if err := Verify(t.Context(), &http.Client{}, c); !errors.Is(err, ErrUnreachable) {
		t.Errorf("err = %v for a certificate that nobody signed, want ErrUnreachable", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Verify(ctx, nil, c); !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnreachable) {
		t.Errorf("err = %v when the caller gave up, want only context.Canceled", err)
	}
}
