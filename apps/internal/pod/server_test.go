package pod_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"envoy-proxy-poc/apps/internal/pod"
)

func TestServerTakesHeadersThatEnvoyPassesOn(t *testing.T) {
	server, err := pod.Listen(t.Context(), "127.0.0.1:0", http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve() }()
	for size, want := range map[int]int{60 << 10: http.StatusNotFound, 80 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+server.Address(), nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Large", strings.Repeat("x", size))
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("a header of %d bytes is answered with %s, want %d", size, response.Status, want)
		}
	}
	server.Close()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
