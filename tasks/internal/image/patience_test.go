package image

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// session says whether a request belongs to a session of an upload.
func session(r *http.Request) bool {
	return strings.Contains(r.URL.Path, "/blobs/uploads/") && (r.Method == http.MethodPatch || r.Method == http.MethodPut)
}

// TestUploadsAreBegunAnew: what breaks within the session of an upload is repaired in another one. Only a 429 to its end,
// which says that nothing was done, is asked again there.
func TestUploadsAreBegunAnew(t *testing.T) {
	lost := func(s *server) func(http.ResponseWriter, *http.Request) {
		return func(_ http.ResponseWriter, r *http.Request) {
			s.inner.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
	}
	says := func(status int, code string) func(*server) func(http.ResponseWriter, *http.Request) {
		return func(*server) func(http.ResponseWriter, *http.Request) {
			return func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				refuse(w, status, code, "no")
			}
		}
	}
	for _, tt := range []struct {
		name, method string
		answer       func(*server) func(http.ResponseWriter, *http.Request)
		again        bool // in the same session
	}{
		{"content arrives, its answer does not", http.MethodPatch, lost, false},
		{"the end arrives, its answer does not", http.MethodPut, lost, false},
		{"a server error to content", http.MethodPatch, says(503, "UNAVAILABLE"), false},
		{"a server error to the end", http.MethodPut, says(500, "UNKNOWN"), false},
		{"a wrong place", http.MethodPatch, says(416, "BLOB_UPLOAD_INVALID"), false},
		{"a session that is gone", http.MethodPut, says(404, "BLOB_UPLOAD_UNKNOWN"), false},
		{"throttled content", http.MethodPatch, says(429, "TOOMANYREQUESTS"), false},
		{"a throttled end", http.MethodPut, says(429, "TOOMANYREQUESTS"), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, b := serve(t), fake(t, "program")
			d := s.dial(t)
			var mu sync.Mutex
			met, broken := "", 0
			s.fail(func(w http.ResponseWriter, r *http.Request) bool {
				if !session(r) {
					return false
				}
				mu.Lock()
				first := met == "" && r.Method == tt.method
				if first {
					met = r.URL.Path
				} else if met == r.URL.Path && r.Method == tt.method {
					broken++
				}
				mu.Unlock()
				if first {
					tt.answer(s)(w, r)
				}
				return first
			})
			if _, err := Push(t.Context(), []Job{{To: d, Image: b, Tags: tags}}); err != nil {
				t.Fatal(err)
			}
			if (broken > 0) != tt.again {
				t.Errorf("the session of the fault was asked %d times more, want any: %t", broken, tt.again)
			}
			pulled(t, s, b)
		})
	}
}

// TestTriesDoNotMultiply: a registry that is down is asked as often as the options say, whichever request it does not
// answer.
func TestTriesDoNotMultiply(t *testing.T) {
	down := map[string]func(w http.ResponseWriter){
		"503":       func(w http.ResponseWriter) { refuse(w, 503, "UNAVAILABLE", "down") },
		"429":       func(w http.ResponseWriter) { refuse(w, 429, "TOOMANYREQUESTS", "Rate exceeded") },
		"no answer": func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
	}
	for _, request := range []string{
		"HEAD /blobs/", "POST /uploads/", "PATCH /uploads/", "PUT /uploads/", "HEAD /manifests/", "PUT /manifests/",
	} {
		for how, answer := range down {
			t.Run(request+" "+how, func(t *testing.T) {
				s := serve(t)
				// On a connection that was used before, net/http asks once more by itself.
				fresh := &http.Transport{DisableKeepAlives: true}
				d, err := Dial(t.Context(), s.Target, Options{Backoff: impatient, Transport: fresh})
				if err != nil {
					t.Fatal(err)
				}
				var asked atomic.Int64
				method, path, _ := strings.Cut(request, " ")
				s.fail(func(w http.ResponseWriter, r *http.Request) bool {
					if r.Method != method || !strings.Contains(r.URL.Path, path) {
						return false
					}
					asked.Add(1)
					_, _ = io.Copy(io.Discard, r.Body)
					answer(w)
					return true
				})
				// A layer and a config, or two tags, go side by side.
				_, err = Push(t.Context(), []Job{{To: d, Image: fake(t, "program"), Tags: Tags{Fixed: []string{"a", "b"}}}})
				wantError(t, err, "pushing")
				if n := asked.Load(); n < int64(impatient.Steps) || n > 2*int64(impatient.Steps) {
					t.Errorf("asked %d times, want %d of each", n, impatient.Steps)
				}
			})
		}
	}
}

// TestInterruptEndsAWait: nobody waits out a backoff after an interrupt.
func TestInterruptEndsAWait(t *testing.T) {
	stop := errors.New("stop")
	for _, method := range []string{http.MethodHead, http.MethodPost, http.MethodPatch, http.MethodPut} {
		t.Run(method, func(t *testing.T) {
			s := serve(t)
			d, err := Dial(t.Context(), s.Target,
				Options{Backoff: remote.Backoff{Duration: 24 * time.Hour, Factor: 1, Steps: 3}})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancelCause(t.Context())
			s.fail(func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method != method {
					return false
				}
				time.AfterFunc(20*time.Millisecond, func() { cancel(stop) }) // it waits by then
				return refuse(w, 503, "UNAVAILABLE", "down")
			})
			done := make(chan error, 1)
			go func() {
				_, err := Push(ctx, []Job{{To: d, Image: fake(t, "program"), Tags: tags}})
				done <- err
			}()
			select {
			case err := <-done:
				if !errors.Is(err, stop) {
					t.Errorf("Push = %v, want %v", err, stop)
				}
				if method != http.MethodHead {
					wantError(t, err, "not written: 20260305-092030, c0ffee, latest; the next run goes on from there")
				}
			case <-time.After(time.Minute):
				t.Fatal("Push waits out its backoff")
			}
		})
	}
}

// TestRefusalBreaksOff: words that do not arrive are asked for again, and do not hide what the registry said.
func TestRefusalBreaksOff(t *testing.T) {
	s, first := serve(t), fake(t, "first")
	immutableTags(s)
	mustPush(t, s, first, Tags{Fixed: []string{"v1"}}, sending{})
	var cut sync.Once
	inner := s.fault
	s.fail(func(w http.ResponseWriter, r *http.Request) (broken bool) {
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/manifests/v1") {
			cut.Do(func() {
				w.Header().Set("Content-Length", "1000")
				refuse(w, 400, "TAG_INVALID", "The image tag")
				_ = http.NewResponseController(w).Flush()
				panic(http.ErrAbortHandler)
			})
		}
		return inner(w, r)
	})
	_, err := pushOne(t.Context(), s.Target, fake(t, "second"), Tags{Fixed: []string{"v1"}}, sending{})
	if !errors.Is(err, ErrTagImmutable) {
		t.Errorf("Push over a taken tag = %v, want %v", err, ErrTagImmutable)
	}
}

func TestRetryAfter(t *testing.T) {
	for said, want := range map[string]time.Duration{
		"": 0, "0": 0, "7": 7 * time.Second, "3600": longestWait, "-1": 0, "soon": 0, "Wed, 04 Mar 2026 05:06:07 GMT": 0,
	} {
		if got := retryAfter(&http.Response{Header: http.Header{"Retry-After": {said}}}); got != want {
			t.Errorf("retryAfter(%q) = %s, want %s", said, got, want)
		}
	}
}

// answers is a registry without a network: time can be false then.
type answers func(*http.Request) (*http.Response, error)

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) { return a(r) }

// TestARequestThatLastsSaysSo, with the registry's patience.
func TestARequestThatLastsSaysSo(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer answers
		want   string
	}{
		{"throttled", func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusTooManyRequests, Request: r, Body: http.NoBody}, nil
		}, "the registry is throttling GET /v2/%1B; trying again ("},
		{"out of order", func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusBadGateway, Request: r, Body: http.NoBody}, nil
		}, "GET /v2/%1B of the registry failed: Bad Gateway; trying again ("},
		{"cut", func(*http.Request) (*http.Response, error) {
			return nil, io.ErrUnexpectedEOF
		}, "GET /v2/%1B of the registry failed: unexpected EOF; trying again ("},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var lines []string
				p := patient{tt.answer, patience, func(line string) { lines = append(lines, line) }}
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://registry/v2/%1B", nil)
				if err != nil {
					t.Fatal(err)
				}
				if answer, err := p.RoundTrip(request); err == nil {
					_ = answer.Body.Close()
				}
				time.Sleep(time.Hour)
				if len(lines) == 0 || len(lines) > 2 || !strings.HasPrefix(lines[0], tt.want) || !strings.HasSuffix(lines[0], " of 8)") {
					t.Errorf("it says %q, want one with %q", lines, tt.want)
				}
			})
		})
	}
}
