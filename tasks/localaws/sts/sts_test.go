package sts

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

func client(t *testing.T) (*awssts.Client, string) {
	srv := httptest.NewServer(New("123456789012", time.Now))
	t.Cleanup(srv.Close)
	return awssts.New(awssts.Options{
		Region: "us-west-2", BaseEndpoint: &srv.URL, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
	}), srv.URL
}

func TestGetCallerIdentity(t *testing.T) {
	c, _ := client(t)
	got, err := c.GetCallerIdentity(context.Background(), &awssts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatal(err)
	}
	if *got.Account != "123456789012" || *got.Arn != "arn:aws:iam::123456789012:user/local" || len(*got.UserId) != 21 {
		t.Errorf("GetCallerIdentity = %s, %s, %s", *got.Account, *got.Arn, *got.UserId)
	}
}

// TestAssumeRole takes a role of another account, and is the role's session with the keys that it is given.
func TestAssumeRole(t *testing.T) {
	c, address := client(t)
	got, err := c.AssumeRole(t.Context(), &awssts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::210987654321:role/ci/promote"), RoleSessionName: aws.String("run-7"),
	})
	if err != nil {
		t.Fatal(err)
	}
	const arn = "arn:aws:sts::210987654321:assumed-role/promote/run-7"
	if *got.AssumedRoleUser.Arn != arn || time.Until(*got.Credentials.Expiration) < 59*time.Minute {
		t.Errorf("AssumeRole = %s until %s", *got.AssumedRoleUser.Arn, got.Credentials.Expiration)
	}
	keys := got.Credentials
	for token, want := range map[string]string{
		*keys.SessionToken: arn, "": "arn:aws:iam::123456789012:user/local", "e30": "arn:aws:iam::123456789012:user/local",
	} {
		session := awssts.New(awssts.Options{
			Region: "us-west-2", BaseEndpoint: &address,
			Credentials: credentials.NewStaticCredentialsProvider(*keys.AccessKeyId, *keys.SecretAccessKey, token),
		})
		if who, err := session.GetCallerIdentity(t.Context(), &awssts.GetCallerIdentityInput{}); err != nil || *who.Arn != want {
			t.Errorf("with token %q: %+v, %v, want %s", token, who, err, want)
		}
	}
	for _, wrong := range []awssts.AssumeRoleInput{
		{RoleArn: aws.String("arn:aws:iam::2109:role/ci"), RoleSessionName: aws.String("run")},
		{RoleArn: aws.String("arn:aws:iam::210987654321:role/ci"), RoleSessionName: aws.String("no space")},
		{RoleArn: aws.String("arn:aws:iam::210987654321:role/ci"), RoleSessionName: aws.String("run"), DurationSeconds: aws.Int32(899)},
	} {
		var api smithy.APIError
		if _, err := c.AssumeRole(t.Context(), &wrong); !errors.As(err, &api) || api.ErrorCode() != "ValidationError" {
			t.Errorf("AssumeRole of %s, %s: %v, want ValidationError", *wrong.RoleArn, *wrong.RoleSessionName, err)
		}
	}
}

func TestOthersAreRefusedByName(t *testing.T) {
	c, _ := client(t)
	_, err := c.GetSessionToken(context.Background(), &awssts.GetSessionTokenInput{})
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != "InvalidAction" || !strings.Contains(api.ErrorMessage(), "GetSessionToken") {
		t.Errorf("GetSessionToken: %v, want InvalidAction that names it", err)
	}
}

func TestRequests(t *testing.T) {
	_, address := client(t)
	const right = "Action=GetCallerIdentity&Version=2011-06-15"
	for _, c := range []struct {
		name, method, query, body, auth, want string
		status                                int
	}{
		{"POST", "POST", "", right, "AWS4", "<GetCallerIdentityResponse xmlns=", 200},
		{"GET", "GET", right, "", "AWS4", "<Account>123456789012</Account>", 200},
		{"nobody", "POST", "", right, "", "<Code>MissingAuthenticationToken</Code>", 403},
		{"no action", "POST", "", "Version=2011-06-15", "AWS4", "<Code>MissingAction</Code>", 400},
		{"another version", "POST", "", "Action=GetCallerIdentity&Version=2012-01-01", "AWS4", "<Code>InvalidAction</Code>", 400},
		{"markup", "POST", "", "Action=" + url.QueryEscape("<x>") + "&Version=2011-06-15", "AWS4", "&lt;x&gt;", 400},
		{"no form", "POST", "", "Action=%zz", "AWS4", "<Code>MalformedQueryString</Code>", 400},
		{"too long", "POST", "", right + "&x=" + strings.Repeat("x", maxBody), "AWS4", "<Code>MalformedQueryString</Code>", 400},
		{"another method", "PUT", right, "", "AWS4", "<Code>MethodNotAllowed</Code>", 405},
	} {
		t.Run(c.name, func(t *testing.T) {
			req, err := http.NewRequest(c.method, address+"/?"+c.query, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if c.auth != "" {
				req.Header.Set("Authorization", c.auth)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil || res.StatusCode != c.status || !strings.Contains(string(body), c.want) {
				t.Errorf("%d %s, %v, want %d and %s", res.StatusCode, body, err, c.status, c.want)
			}
			if res.Header.Get("x-amzn-RequestId") == "" {
				t.Error("no request id")
			}
		})
	}
}
