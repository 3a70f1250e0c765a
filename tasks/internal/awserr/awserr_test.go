package awserr

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

func coded(code string) error {
	return &smithy.OperationError{
		ServiceID: "ECR", OperationName: "DescribeImages",
		Err: &smithy.GenericAPIError{Code: code, Message: "no"},
	}
}

func TestExplain(t *testing.T) {
	plain := errors.New("plain")
	nobody := &smithy.OperationError{ServiceID: "ECR", OperationName: "X", Err: fmt.Errorf("get credentials: %w",
		&smithy.OperationError{ServiceID: "ec2imds", OperationName: "GetMetadata", Err: plain})}
	tests := map[string]struct {
		err     error
		profile string
		says    []string // in the hint; empty for none
	}{
		"nothing":      {nil, "p", nil},
		"anything":     {plain, "p", nil},
		"another code": {coded("ServerException"), "p", nil},
		"expired": {
			coded("ExpiredTokenException"), "p",
			[]string{`profile "p"`, "expired", "aws sso login --profile p"},
		},
		"expired in env": {coded("ExpiredToken"), "", []string{"the environment", "aws sso login)"}},
		"unknown keys":   {coded("UnrecognizedClientException"), "p", []string{"does not know", "--profile p"}},
		"bad signature":  {coded("SignatureDoesNotMatch"), "p", []string{"does not know"}},
		"not allowed":    {coded("AccessDeniedException"), "p", []string{"permission", "AWS_PROFILE=NAME"}},
		"unauthorized":   {coded("UnauthorizedOperation"), "p", []string{"permission"}},
		"throttled":      {coded("ThrottlingException"), "p", []string{"too many", "run this again"}},
		"outage": {
			&smithyhttp.ResponseError{
				Response: &smithyhttp.Response{Response: &http.Response{StatusCode: 503}},
				Err:      coded("ServerException"),
			},
			"p",
			[]string{"AWS itself", "run this again"},
		},
		"quota": {&types.LimitExceededException{}, "p", nil},
		"SSO session": {
			fmt.Errorf("wrapped: %w", &ssocreds.InvalidTokenError{Err: plain}), "p",
			[]string{"aws sso login --profile p"},
		},
		"no credentials":  {fmt.Errorf("wrapped: %w", nobody), "", []string{"no credentials", "AWS_PROFILE"}},
		"not on instance": {&smithy.OperationError{ServiceID: "ECR", Err: plain}, "", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := Explain(test.err, test.profile)
			if !errors.Is(got, test.err) {
				t.Fatalf("Explain(%v) = %v, which does not wrap it", test.err, got)
			}
			if got == nil {
				return
			}
			_, hint, _ := strings.Cut(got.Error(), "\nhint: ")
			if (hint != "") != (test.says != nil) {
				t.Errorf("hint %q, want words %q", hint, test.says)
			}
			for _, word := range test.says {
				if !strings.Contains(hint, word) {
					t.Errorf("hint %q, want %q in it", hint, word)
				}
			}
		})
	}
}

// A reason is AWS's own words, or the cause, without what the caller was doing.
func TestReason(t *testing.T) {
	unreached := fmt.Errorf("listing images: %w", &smithy.OperationError{
		ServiceID: "ECR", OperationName: "X", Err: errors.New("https response error StatusCode: 0, RequestID: , " +
			"request send failed, Post \"http://h/\": connection refused"),
	})
	for want, err := range map[string]error{
		"AccessDenied: no":                     fmt.Errorf("listing images: %w", coded("AccessDenied")),
		`Post "http://h/": connection refused`: unreached,
		"reading x: gone":                      errors.New("reading x: gone"),
	} {
		if got := Reason(err); got != want {
			t.Errorf("Reason = %q, want %q", got, want)
		}
	}
}
