package e2e_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// What the issuers know. A secret is the text "secret", for every key.
const (
	baseKey      = "AKIABASE" // of a user, for assuming roles
	mfaDevice    = "arn:aws:iam::000000000000:mfa/alice"
	webToken     = "a token that the web identity provider signed"
	signedIn     = "an access token of a person who has signed in"
	refreshToken = "a refresh token of a person who has signed in"
	podToken     = "a token of the pod"
	machineToken = "a token of the machine"
)

// issuers are small servers for all that issues credentials: STS, the portal and the token endpoint of SSO, the metadata
// service of a machine and of a container. They stand on one address with a local AWS behind them, which they let see
// only requests that are signed with a key that they issued. They note what they were asked.
type issuers struct {
	t    *testing.T
	url  string
	next http.Handler // the local AWS

	mu     sync.Mutex
	asked  []string          // what was asked for, with the words that matter
	issued map[string]string // the session token of each key
	seen   map[string]bool   // "service key" of the requests that reached the local AWS
	codes  []string          // of the MFA device, each good once
}

// newIssuers serves issuers in front of the local AWS at an address.
func newIssuers(t *testing.T, behind string) *issuers {
	t.Helper()
	address, err := url.Parse(behind)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuers{t: t, next: httputil.NewSingleHostReverseProxy(address)}
	i.forget()
	server := httptest.NewServer(i)
	t.Cleanup(server.Close)
	i.url = server.URL
	return i
}

// forget begins a run: nothing was asked, no key was issued.
func (i *issuers) forget() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asked, i.codes = nil, nil
	i.issued, i.seen = map[string]string{baseKey: ""}, map[string]bool{}
}

// ServeHTTP answers as the issuer that a path belongs to. Every other request is for the local AWS.
func (i *issuers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const roles = "/latest/meta-data/iam/security-credentials/"
	switch r.URL.Path {
	case "/latest/api/token":
		i.machineToken(w, r)
	case roles:
		i.machineAnswer(w, r, "role")
	case roles + "runner":
		i.machineAnswer(w, r, "keys")
	case "/process": // credential_process calls it
		i.note("credential_process")
		answerJSON(w, i.metadata("PROCESS"))
	case "/pod/keys":
		i.podAnswer(w, r)
	case "/federation/credentials":
		i.portal(w, r)
	case "/token":
		i.refresh(w, r)
	default:
		i.serveAWS(w, r)
	}
}

// note counts a question.
func (i *issuers) note(format string, args ...any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asked = append(i.asked, fmt.Sprintf(format, args...))
}

// issue makes a key of a kind, which is good for an hour.
func (i *issuers) issue(kind string) (key, token string, until time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	key = fmt.Sprintf("ASIA%s%d", kind, len(i.issued))
	i.issued[key] = "token of " + key
	return key, i.issued[key], time.Now().Add(time.Hour).UTC().Truncate(time.Second)
}

// metadata are keys in the form of the metadata services. credential_process has the same names.
func (i *issuers) metadata(kind string) map[string]any {
	key, token, until := i.issue(kind)
	return map[string]any{
		"Code": "Success", "Type": "AWS-HMAC", "LastUpdated": time.Now().UTC().Format(time.RFC3339), "Version": 1,
		"AccessKeyId": key, "SecretAccessKey": "secret", "Token": token, "SessionToken": token,
		"Expiration": until.Format(time.RFC3339),
	}
}

func (i *issuers) machineToken(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPut {
		refuseIssue(w, http.StatusMethodNotAllowed, "PUT gets a token")
		return
	}
	i.note("the machine's token")
	w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", r.Header.Get("X-Aws-Ec2-Metadata-Token-Ttl-Seconds"))
	_, _ = w.Write([]byte(machineToken))
}

// machineAnswer answers to who has the token of IMDSv2: the name of the role, or its keys.
func (i *issuers) machineAnswer(w http.ResponseWriter, r *http.Request, what string) {
	if r.Header.Get("X-Aws-Ec2-Metadata-Token") != machineToken {
		refuseIssue(w, http.StatusUnauthorized, "no token of IMDSv2")
		return
	}
	i.note("the machine's %s", what)
	if what == "keys" {
		answerJSON(w, i.metadata("MACHINE"))
		return
	}
	_, _ = w.Write([]byte("runner"))
}

func (i *issuers) podAnswer(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != podToken {
		refuseIssue(w, http.StatusUnauthorized, "no token of the pod")
		return
	}
	i.note("the container's keys")
	answerJSON(w, i.metadata("POD"))
}

// portal is GetRoleCredentials of the SSO portal.
func (i *issuers) portal(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("x-amz-sso_bearer_token") != signedIn {
		w.Header().Set("X-Amzn-ErrorType", "UnauthorizedException")
		refuseIssue(w, http.StatusUnauthorized, "Session token not found or invalid")
		return
	}
	i.note("GetRoleCredentials %s", r.URL.Query().Get("role_name"))
	key, token, until := i.issue("SSO")
	answerJSON(w, map[string]any{"roleCredentials": map[string]any{
		"accessKeyId": key, "secretAccessKey": "secret", "sessionToken": token, "expiration": until.UnixMilli(),
	}})
}

// refresh is CreateToken of the SSO token endpoint.
func (i *issuers) refresh(w http.ResponseWriter, r *http.Request) {
	var asked struct{ GrantType, RefreshToken string }
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || asked.RefreshToken != refreshToken {
		w.Header().Set("X-Amzn-ErrorType", "InvalidGrantException")
		refuseIssue(w, http.StatusBadRequest, "Invalid refresh token provided")
		return
	}
	i.note("CreateToken %s", asked.GrantType)
	answerJSON(w, map[string]any{
		"accessToken": signedIn, "expiresIn": 3600, "refreshToken": refreshToken, "tokenType": "Bearer",
	})
}

// signed is the scope of a signature: the key, the day, the region and the service.
var signed = regexp.MustCompile(`Credential=([^/]+)/\d+/[^/]+/([^/]+)/`)

// serveAWS is STS for requests that issue keys. The local AWS gets all other requests: those that an issued key signed,
// and those of the registry, which has tokens of its own.
func (i *issuers) serveAWS(w http.ResponseWriter, r *http.Request) {
	form := formOf(r)
	scope := signed.FindStringSubmatch(r.Header.Get("Authorization"))
	switch {
	case form.Get("Action") == "AssumeRoleWithWebIdentity":
		i.webIdentity(w, form)
	case scope == nil:
		i.next.ServeHTTP(w, r)
	case !i.knows(scope[1], r.Header.Get("X-Amz-Security-Token")):
		refuseSTS(w, "InvalidClientTokenId", "The security token included in the request is invalid")
	case form.Get("Action") == "AssumeRole":
		i.assumeRole(w, form)
	default:
		i.mu.Lock()
		i.seen[scope[2]+" "+scope[1]] = true
		i.mu.Unlock()
		i.next.ServeHTTP(w, r)
	}
}

// formOf reads the form of a request of the Query protocol, which can be read again then.
func formOf(r *http.Request) url.Values {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return nil
	}
	text, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(text))
	form, _ := url.ParseQuery(string(text))
	return form
}

// knows is whether a key and its session token belong together.
func (i *issuers) knows(key, token string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	want, ok := i.issued[key]
	return ok && token == want
}

// assumeRole is AssumeRole of STS. A role named "careful" wants a code of the MFA device.
func (i *issuers) assumeRole(w http.ResponseWriter, form url.Values) {
	if strings.HasSuffix(form.Get("RoleArn"), "/careful") && !i.takesCode(form) {
		refuseSTS(w, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.")
		return
	}
	i.answerRole(w, form, "ROLE")
}

// takesCode is whether a code is of the device, and used for the first time.
func (i *issuers) takesCode(form url.Values) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	at := slices.Index(i.codes, form.Get("TokenCode"))
	if at < 0 || form.Get("SerialNumber") != mfaDevice {
		return false
	}
	i.codes = slices.Delete(i.codes, at, at+1)
	return true
}

func (i *issuers) webIdentity(w http.ResponseWriter, form url.Values) {
	if form.Get("WebIdentityToken") != webToken {
		refuseSTS(w, "InvalidIdentityToken", "The web identity token is not valid")
		return
	}
	i.answerRole(w, form, "WEB")
}

// answerRole answers AssumeRole and AssumeRoleWithWebIdentity. STS takes an hour where a request names no duration.
func (i *issuers) answerRole(w http.ResponseWriter, form url.Values, kind string) {
	action, role := form.Get("Action"), form.Get("RoleArn")
	i.note("%s %s for %s s", action, path.Base(role), cmp.Or(form.Get("DurationSeconds"), "3600"))
	key, token, until := i.issue(kind)
	w.Header().Set("Content-Type", "text/xml")
	const document = `<%sResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><%[1]sResult><Credentials>` +
		`<AccessKeyId>%s</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>%s</SessionToken>` +
		`<Expiration>%s</Expiration></Credentials><AssumedRoleUser><Arn>%s</Arn><AssumedRoleId>AROA:x</AssumedRoleId>` +
		`</AssumedRoleUser></%[1]sResult></%[1]sResponse>`
	_, _ = fmt.Fprintf(w, document, action, key, token, until.Format(time.RFC3339), role)
}

func refuseSTS(w http.ResponseWriter, code, message string) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(http.StatusForbidden)
	const document = "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>"
	_, _ = fmt.Fprintf(w, document, code, message)
}

func refuseIssue(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": message})
}

func answerJSON(w http.ResponseWriter, answer any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}
