package terraform

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestDownloadEndsWhereNothingComes(t *testing.T) {
	for name, before := range map[string]string{"before the answer": "", "within it": "half"} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if before != "" {
					w.Header().Set("Content-Length", "100")
					_, _ = io.WriteString(w, before)
					_ = http.NewResponseController(w).Flush()
				}
				<-r.Context().Done()
			}))
			defer server.Close()
			line := newDownload(nil)
			line.stall = 200 * time.Millisecond
			answer, err := (&http.Client{Transport: line}).Get(server.URL)
			if err == nil {
				_, err = io.ReadAll(answer.Body)
				_ = answer.Body.Close()
			}
			if err == nil || !strings.Contains(err.Error(), "sent nothing for 200ms") || line.failed() == nil {
				t.Errorf("err = %v, want that it stalled", err)
			}
		})
	}
}

func TestDownloadRefusesWhatHasNoEnd(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range 100 {
			_, _ = w.Write(make([]byte, 1024))
			_ = http.NewResponseController(w).Flush()
		}
	}))
	defer server.Close()
	line := newDownload(nil)
	line.limit = 4096
	answer, err := (&http.Client{Transport: line}).Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.ReadAll(answer.Body); err == nil || !strings.Contains(err.Error(), "more than the 4096 bytes") {
		t.Errorf("err = %v, want it refused", err)
	}
}
