package sts

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

var (
	userKey    = regexp.MustCompile(`^\d{12}$`)
	sessionKey = regexp.MustCompile(`^ASIA(\d{12})[A-Z2-7]{4}$`)
	credential = regexp.MustCompile(`Credential=([^/,\s]+)/`)

	// roles have an account and, behind their path, a name (API Reference, AssumeRole).
	roles        = regexp.MustCompile(`^arn:aws[a-z-]*:iam::(\d{12}):role/(?:[\w+=,.@/-]*/)?([\w+=,.@-]{1,64})$`)
	sessionNames = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
)

// Caller is whose an access key is: twelve digits are the account of its user; a key of AssumeRole is of the role whose
// session token comes along; all others are of the given account's user.
func Caller(key, token, account string) catalog.Caller {
	if userKey.MatchString(key) {
		return catalog.LocalUser(key)
	}
	var who catalog.Caller
	text, err := base64.RawURLEncoding.DecodeString(token)
	match := sessionKey.FindStringSubmatch(key)
	if err != nil || match == nil || json.Unmarshal(text, &who) != nil || who.Account != match[1] {
		return catalog.LocalUser(account)
	}
	return who
}

func accessKey(r *http.Request) string {
	if match := credential.FindStringSubmatch(r.Header.Get("Authorization")); match != nil {
		return match[1]
	}
	return ""
}

// assume gives anybody the session of any role: there are no trust policies, and no roles that must have been made.
func (h handler) assume(w http.ResponseWriter, form url.Values, id string) *failure {
	role, name := form.Get("RoleArn"), form.Get("RoleSessionName")
	match := roles.FindStringSubmatch(role)
	seconds, err := strconv.Atoi(strings.TrimSpace(form.Get("DurationSeconds")))
	if form.Get("DurationSeconds") == "" {
		seconds, err = 3600, nil
	}
	switch {
	case match == nil:
		return invalid(role + " is invalid")
	case !sessionNames.MatchString(name):
		return invalid("Value '" + name + "' at 'roleSessionName' failed to satisfy constraint: " +
			"Member must satisfy regular expression pattern: [\\w+=,.@-]*")
	case err != nil || seconds < 900 || seconds > 43200:
		return invalid("Value '" + form.Get("DurationSeconds") + "' at 'durationSeconds' failed to satisfy constraint: " +
			"Member must have value from 900 to 43200")
	}
	partition := strings.Split(role, ":")[1]
	who := catalog.Caller{
		Account: match[1], Role: role, ARN: "arn:" + partition + ":sts::" + match[1] + ":assumed-role/" + match[2] + "/" + name,
	}
	token, jsonErr := json.Marshal(who)
	if jsonErr != nil {
		panic(jsonErr) // three strings
	}
	respond(w, assumed{
		AccessKeyID: "ASIA" + match[1] + rand.Text()[:4], SecretKey: rand.Text(),
		Token: base64.RawURLEncoding.EncodeToString(token), Expiration: h.now().Add(time.Duration(seconds) * time.Second).UTC(),
		ARN: who.ARN, RoleID: roleID + ":" + name, RequestID: id,
	})
	return nil
}

func invalid(message string) *failure {
	return &failure{http.StatusBadRequest, "ValidationError", message}
}
