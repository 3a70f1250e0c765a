package session

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
)

type answers func(*http.Request) (*http.Response, error)

func (a answers) Do(r *http.Request) (*http.Response, error) { return a(r) }

// A throttled call of the SDK tells of it after three seconds; one that is answered at once says nothing.
func TestAThrottledCallSaysSo(t *testing.T) {
	account := world(t, keys)
	synctest.Test(t, func(t *testing.T) {
		var lines []string
		began := time.Now()
		account.Again = func(line string) {
			if took := time.Since(began) % time.Minute; took != 3*time.Second { // and again after a minute
				t.Errorf("after %s: %s", took, line)
			}
			lines = append(lines, line)
		}
		cfg, err := account.Config(t.Context(), account.Region)
		if err != nil {
			t.Fatal(err)
		}
		calls := 0
		cfg.HTTPClient = answers(func(r *http.Request) (*http.Response, error) {
			calls++
			if calls > 6 {
				return &http.Response{StatusCode: http.StatusOK, Request: r, Body: io.NopCloser(strings.NewReader("{}"))}, nil
			}
			body := `{"__type": "ThrottlingException", "message": "Rate exceeded"}`
			return &http.Response{StatusCode: http.StatusBadRequest, Request: r, Body: io.NopCloser(strings.NewReader(body))}, nil
		})
		client := awsecr.NewFromConfig(cfg)
		for range 2 { // the second is answered
			if _, err := client.DescribeRegistry(t.Context(), &awsecr.DescribeRegistryInput{}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Hour)
		said := func(line string) bool {
			return strings.HasPrefix(line, "ECR is throttling DescribeRegistry; trying again (") && strings.HasSuffix(line, " of 8)")
		}
		if len(lines) == 0 || !said(lines[0]) {
			t.Errorf("it says %q", lines)
		}
	})
}
