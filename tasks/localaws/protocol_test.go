package localaws_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"envoy-proxy-poc/tasks/localaws"
)

const signed = "AWS4-HMAC-SHA256 Credential=local/20261101/us-west-2/ecr/aws4_request, SignedHeaders=host, Signature=00"

func (l *local) do(method, path, body string, header ...string) *http.Response {
	l.t.Helper()
	r, err := http.NewRequestWithContext(l.t.Context(), method, l.url+path, strings.NewReader(body))
	wantOK(l.t, err)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	reply, err := http.DefaultClient.Do(r)
	wantOK(l.t, err)
	text, err := io.ReadAll(reply.Body)
	wantOK(l.t, err)
	reply.Body.Close()
	reply.Body = io.NopCloser(strings.NewReader(string(text)))
	return reply
}

func (l *local) call(operation, body, authorization string) (int, string, string) {
	l.t.Helper()
	reply := l.do("POST", "/", body, "X-Amz-Target", operation, "Authorization", authorization)
	var is struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	wantOK(l.t, json.NewDecoder(reply.Body).Decode(&is))
	return reply.StatusCode, is.Type, is.Message
}

func TestRefusedCalls(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	const ecr = "AmazonEC2ContainerRegistry_V20150921."
	for _, c := range []struct{ name, operation, body, authorization, code, message string }{
		{"half signed", ecr + "DescribeRepositories", "{}", "AWS4-HMAC-SHA256 Credential=x", "IncompleteSignatureException", "Credential"},
		{"signed for S3", ecr + "DescribeRepositories", "{}", strings.Replace(signed, "ecr", "s3", 1), "InvalidSignatureException", "'ecr'"},
		{"of another service", "AWSLambda.Invoke", "{}", signed, "UnknownOperationException", "AWSLambda.Invoke"},
		{"not supported", ecr + "PutRegistryPolicy", "{}", signed, "UnknownOperationException", "PutRegistryPolicy"},
		{"an unknown parameter", ecr + "ListImages", `{"repositoryName":"app","limit":5}`, signed, "InvalidParameterException", "limit"},
		{"a misspelt parameter", ecr + "ListImages", `{"RepositoryName":"app"}`, signed, "InvalidParameterException", "RepositoryName"},
		{"another account", ecr + "ListImages", `{"repositoryName":"app","registryId":"111111111111"}`, signed, "RepositoryNotFoundException", "111111111111"},
	} {
		status, code, message := l.call(c.operation, c.body, c.authorization)
		if status != 400 || code != c.code || !strings.Contains(message, c.message) {
			t.Errorf("a call that is %s = %d %s: %s, want 400 %s: …%s…", c.name, status, code, message, c.code, c.message)
		}
	}
}

func TestHostHeader(t *testing.T) {
	l := start(t, localaws.Options{AllowedHosts: []string{"aws.test"}})
	for host, want := range map[string]int{
		"127.0.0.1:1": 401, "localhost": 401, "[::1]:80": 401, "aws.test:9": 401, "evil.example": 403, "127.0.0.1.evil.example": 403,
	} {
		if got := l.do("GET", "/v2/", "", "Host", host).StatusCode; got != want {
			t.Errorf("a request to host %s = %d, want %d", host, got, want)
		}
	}
}

func TestOnlyOneOpensAFolder(t *testing.T) {
	l := start(t, localaws.Options{})
	second, err := localaws.Open(localaws.Options{Dir: l.dir})
	if !errors.Is(err, localaws.ErrInUse) {
		t.Errorf("opening a folder twice = %v, %v, want ErrInUse", second, err)
	}
}

func TestServiceOfAQuery(t *testing.T) {
	l := start(t, localaws.Options{})
	form := []string{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8", "Authorization"}
	for service, want := range map[string]string{"sts": "<Account>000000000000</Account>", "iam": `no service "iam"`} {
		reply := l.do("POST", "/", "Action=GetCallerIdentity&Version=2011-06-15", append(form, strings.Replace(signed, "/ecr/", "/"+service+"/", 1))...)
		if text, _ := io.ReadAll(reply.Body); !strings.Contains(string(text), want) {
			t.Errorf("a query for %s = %s, want %s", service, text, want)
		}
	}
	if got := fmt.Sprint(l.do("GET", "/", "").StatusCode); got != "403" {
		t.Errorf("an unsigned list of buckets = %s, want 403", got)
	}
}
