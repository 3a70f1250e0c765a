package ecr

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

func TestToken(t *testing.T) {
	good := base64.StdEncoding.EncodeToString([]byte("AWS:pass:word"))
	tests := map[string]struct {
		endpoint, token string
		host            string // empty: an error
	}{
		"classic": {
			"https://123456789012.dkr.ecr.eu-central-1.amazonaws.com", good,
			"123456789012.dkr.ecr.eu-central-1.amazonaws.com",
		},
		"China": {
			"https://123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", good,
			"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
		},
		"dual-stack":    {"https://123456789012.dkr-ecr.eu-west-1.on.aws", good, "123456789012.dkr-ecr.eu-west-1.on.aws"},
		"local":         {"http://127.0.0.1:4566/", good, "127.0.0.1:4566"},
		"no scheme":     {"123456789012.dkr.ecr.eu-central-1.amazonaws.com", good, ""},
		"no endpoint":   {"", good, ""},
		"not base64":    {"http://127.0.0.1:4566", "secret!", ""},
		"no colon":      {"http://127.0.0.1:4566", base64.StdEncoding.EncodeToString([]byte("secret")), ""},
		"empty user":    {"http://127.0.0.1:4566", base64.StdEncoding.EncodeToString([]byte(":secret")), ""},
		"no token":      {"http://127.0.0.1:4566", "", ""},
		"empty as such": {"http://127.0.0.1:4566", base64.StdEncoding.EncodeToString([]byte("AWS:")), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			expires := time.Date(2026, 5, 6, 7, 8, 9, 0, time.FixedZone("west", -3600))
			client := fake{token: func(*awsecr.GetAuthorizationTokenInput) (*awsecr.GetAuthorizationTokenOutput, error) {
				return &awsecr.GetAuthorizationTokenOutput{AuthorizationData: []types.AuthorizationData{
					{ProxyEndpoint: &test.endpoint, AuthorizationToken: &test.token, ExpiresAt: aws.Time(expires)},
				}}, nil
			}}
			got, err := Token(t.Context(), ClientOf(client))
			if test.host == "" {
				if err == nil || strings.Contains(err.Error(), "secret") {
					t.Errorf("err = %v, want one that holds no token", err)
				}
				return
			}
			want := Credential{test.host, "AWS", "pass:word", expires.UTC()}
			if err != nil || got != want {
				t.Errorf("got %v (password %q), %v, want %v", got, got.Password, err, want)
			}
		})
	}
}

func TestTokenOfAnEmptyAnswer(t *testing.T) {
	client := fake{token: func(*awsecr.GetAuthorizationTokenInput) (*awsecr.GetAuthorizationTokenOutput, error) {
		return &awsecr.GetAuthorizationTokenOutput{}, nil
	}}
	if _, err := Token(t.Context(), ClientOf(client)); err == nil {
		t.Error("no error for an answer without a token")
	}
}

func TestCredentialHidesItsPassword(t *testing.T) {
	c := Credential{Host: "127.0.0.1:1", Username: "AWS", Password: "hunter2"}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("it", "credential", c, "pointer", &c)
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	said := []string{log.String(), string(encoded)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		said = append(said, fmt.Sprintf(verb, c), fmt.Sprintf(verb, &c), fmt.Sprintf(verb, []Credential{c}))
	}
	for _, text := range said {
		if strings.Contains(text, "hunter2") || strings.Contains(text, "68756e74657232") || !strings.Contains(text,
			"127.0.0.1") {
			t.Errorf("%q shows the password, or no host", text)
		}
	}
}
