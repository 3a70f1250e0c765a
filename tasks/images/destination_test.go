package images

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/image"
	"envoy-proxy-poc/tasks/session"
)

// What cannot work at the registry is tried once, and named.
func TestARegistryThatCannotWork(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "set, for its name")
	distrusted := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(distrusted.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, address, proxy, hint string }{
		{"a certificate of an unknown authority", distrusted.Listener.Addr().String(), "", "AWS_CA_BUNDLE"},
		{"a proxy that is down", nobody, "http://" + nobody, "the proxy that HTTPS_PROXY names"},
		{"nobody listens", nobody, "", "nobody listens at the registry"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var dials atomic.Int32
			transport := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				dials.Add(1)
				return (&net.Dialer{}).DialContext(ctx, network, test.address)
			}}
			if test.proxy != "" {
				proxy, err := url.Parse(test.proxy)
				if err != nil {
					t.Fatal(err)
				}
				transport.Proxy = http.ProxyURL(proxy)
			}
			_, err := image.Dial(t.Context(), image.Target{Registry: "registry.example.com", Repository: "app"},
				image.Options{Transport: transport})
			if err == nil {
				t.Fatal("it works")
			}
			if _, next := hint.Parts(explainRegistry(session.Account{}, err)); !strings.Contains(next, test.hint) {
				t.Errorf("%v, and the hint %q, want one with %q", err, next, test.hint)
			}
			if n := dials.Load(); n != 1 {
				t.Errorf("it was tried %d times", n)
			}
		})
	}
}
