package contract_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// runner sends the probes of a table to a cloud.
type runner struct {
	t      *testing.T
	cloud  cloud
	prefix string
	values values
	token  string // of the registry, in base64
}

// answer is what came back. said is the body, and the message that is in it.
type answer struct {
	status     int
	code, said string
	header     http.Header
	redirected bool // to another host
}

// difference is a probe that was answered otherwise than the table has it.
type difference struct {
	line                       int
	request, want, got, source string
}

func newRunner(t *testing.T, c cloud, prefix string) *runner {
	host := strings.TrimPrefix(strings.TrimPrefix(c.registry, "https://"), "http://")
	return &runner{t: t, cloud: c, prefix: prefix, values: values{
		"account": c.account, "region": c.config.Region, "host": host, "registry": c.registry,
	}}
}

// play sends the table's requests in their order.
func (r *runner) play(orders []order) (found []difference) {
	r.t.Helper()
	for _, one := range orders {
		switch one.verb {
		case "set":
			name, text, _ := strings.Cut(one.text, " =")
			r.values[name] = strings.TrimPrefix(text, " ")
			continue
		case "group":
			r.values["app"] = r.prefix + "/" + one.text
			r.values["arn"] = "arn:aws:ecr:{region}:{account}:repository/" + r.values["app"]
			one.text, one.more = `ecr CreateRepository {"repositoryName":"{app}"}`, [][2]string{{"=>", "200"}}
		case "bucket":
			r.values["bucket"] = "/" + r.prefix
			one.text, one.more = "s3 PUT {bucket}", [][2]string{{"<", place}, {"=>", "200"}}
		}
		if is := r.probe(one); is != nil {
			found = append(found, *is)
		}
	}
	return found
}

// place is the body of CreateBucket.
const place = "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"

// probe sends one request and compares.
func (r *runner) probe(one order) *difference {
	r.t.Helper()
	r.values["$"] = one.with
	request := r.values.fill(strings.ReplaceAll(one.text, " $", " {$}"))
	header, body, wants := http.Header{}, "", []string{}
	for _, more := range one.more {
		switch text := r.values.fill(more[1]); more[0] {
		case ">":
			name, value, _ := strings.Cut(text, ": ")
			header.Set(name, value)
		case "<":
			body = text
		default:
			wants = append(wants, more[0]+" "+text)
		}
	}
	if unknown := inBraces.FindString(request + body + strings.Join(wants, "")); unknown != "" {
		return &difference{one.line, request, "an earlier answer with " + unknown, "none", r.values.fill(one.source)}
	}
	got, err := r.ask(request, header, body)
	if err != nil {
		return &difference{one.line, request, "an answer", err.Error(), r.values.fill(one.source)}
	}
	for _, want := range wants {
		if !r.holds(want, got) {
			return &difference{one.line, request, want, r.shown(got), r.values.fill(one.source)}
		}
	}
	return nil
}

// holds reports whether the answer is as one line of the table has it, and saves what a later one needs.
func (r *runner) holds(want string, got answer) bool {
	verb, text, _ := strings.Cut(want, " ")
	name, text, more := strings.Cut(text, " ")
	switch verb {
	case "=>":
		code, said, _ := strings.Cut(text, " ")
		return fmt.Sprint(got.status) == name && (code == "" || code == got.code || code == "-" && got.code == "") &&
			strings.Contains(got.said, said)
	case "head":
		value := got.header.Get(name)
		return more && text == "-" && value == "" || text != "-" && value != "" && strings.Contains(value, text)
	case "away":
		return got.redirected
	case "save":
		match := regexp.MustCompile(text).FindStringSubmatch(got.said)
		switch {
		case text == "Location":
			r.values[name] = got.header.Get(text)
		case match != nil:
			r.values[name] = match[1]
		}
		return r.values[name] != ""
	}
	r.t.Fatalf("%q is no line of a probe", want)
	return false
}

var secret = regexp.MustCompile(`"(authorizationToken|downloadUrl)":"[^"]*"`)

// shown is an answer for people, without secrets and the account.
func (r *runner) shown(got answer) string {
	said := secret.ReplaceAllString(strings.ReplaceAll(got.said, r.cloud.account, "ACCOUNT"), `"$1":"…"`)
	return fmt.Sprintf("%d %s %.300s", got.status, got.code, said)
}

// ask sends "ecr ListImages {}", and once more after a while when AWS wants fewer requests.
func (r *runner) ask(request string, header http.Header, body string) (got answer, err error) {
	for wait := time.Second; wait < 16*time.Second; wait *= 2 {
		got, err = r.once(request, header, body)
		if got.status != http.StatusTooManyRequests && got.code != "ThrottlingException" {
			break
		}
		time.Sleep(wait)
	}
	return got, err
}

func (r *runner) once(text string, header http.Header, body string) (answer, error) {
	service, text, _ := strings.Cut(text, " ")
	method, text, _ := strings.Cut(text, " ")
	url := ""
	switch service {
	case "ecr":
		header.Set("X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921."+method)
		header.Set("Content-Type", "application/x-amz-json-1.1")
		method, url, body = http.MethodPost, r.cloud.ecr+"/", text
	case "sts":
		header.Set("Content-Type", "application/x-www-form-urlencoded")
		method, url, body = http.MethodPost, r.cloud.sts+"/", method
	case "s3":
		url = r.cloud.s3 + text
	case "v2":
		url = r.address(text)
	}
	request, err := http.NewRequestWithContext(r.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	request.Header = header
	if err := r.authorize(request, service, body); err != nil {
		return answer{}, err
	}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer reply.Body.Close()
	content, err := io.ReadAll(reply.Body)
	got := answer{status: reply.StatusCode, said: string(content), header: reply.Header, redirected: reply.Request.URL.Host != request.URL.Host}
	got.explain()
	return got, err
}

// address is where a path of the registry is. A Location may be a whole address.
func (r *runner) address(path string) string {
	switch {
	case strings.HasPrefix(path, "http"):
		return path
	case strings.HasPrefix(path, "/v2/"):
		return r.cloud.registry + path
	}
	return r.cloud.registry + "/v2/" + path
}

// authorize signs a request, or gives it the registry's password, unless the table has a header of its own.
func (r *runner) authorize(request *http.Request, service, body string) error {
	switch own := request.Header.Get("Authorization"); {
	case own == "-":
		request.Header.Del("Authorization")
		return nil
	case own != "" && service == "v2":
		return nil
	case service != "v2":
		return r.cloud.sign(request, service, body)
	}
	if r.token == "" {
		got, err := r.once("ecr GetAuthorizationToken {}", http.Header{}, "")
		var given struct {
			AuthorizationData []struct{ AuthorizationToken string }
		}
		err = errors.Join(err, json.Unmarshal([]byte(got.said), &given))
		if err != nil || len(given.AuthorizationData) == 0 {
			return fmt.Errorf("no password for the registry: %d %s: %w", got.status, got.code, err)
		}
		r.token = given.AuthorizationData[0].AuthorizationToken
	}
	request.Header.Set("Authorization", "Basic "+r.token)
	return nil
}

var codeOfXML = regexp.MustCompile(`<Code>([^<]*)</Code>`)

// explain finds the error code in the body, and the message, whatever the service writes them in.
func (a *answer) explain() {
	var in struct {
		Type    string `json:"__type"`
		Message string
		Errors  []struct{ Code, Message string }
	}
	if match := codeOfXML.FindStringSubmatch(a.said); match != nil {
		a.code = match[1]
		return
	}
	if json.Unmarshal([]byte(a.said), &in) != nil {
		return
	}
	_, name, found := strings.Cut(in.Type, "#")
	if !found {
		name = in.Type
	}
	a.code = name
	for _, one := range in.Errors {
		a.code, in.Message = one.Code, one.Message
	}
	if a.code != "" {
		a.said = in.Message
	}
}
