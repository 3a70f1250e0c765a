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

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

func client(t *testing.T) (*awssts.Client, string) {
	srv := httptest.NewServer(New("123456789012"))
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

func TestOthersAreRefusedByName(t *testing.T) {
	c, _ := client(t)
	_, err := c.AssumeRole(context.Background(), &awssts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::123456789012:role/r"), RoleSessionName: aws.String("session")})
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != "InvalidAction" || !strings.Contains(api.ErrorMessage(), "AssumeRole") {
		t.Errorf("AssumeRole: %v, want InvalidAction that names it", err)
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
