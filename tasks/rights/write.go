// Package rights has the target iam:write: the IAM documents that the workflows and people need.
package rights

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/internal/files"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/settings"
	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/session"
)

// documents holds the files of .github/iam by name, with words in capitals for what depends on the settings. An ARN of
// S3 names no account, so the condition aws:ResourceAccount does: another account may take the name of a deleted
// bucket.
//
//go:embed documents.json
var documents string

// Options are the flags of iam:write, "" where they were not given.
type Options struct {
	Account string // twelve digits
	GitHub  string // OWNER/REPO
	Subject string // how GitHub's tokens begin to name the repository, such as repo:OWNER@1/REPO@2
}

// Write writes the IAM documents into .github/iam, those of a further environment into a folder of its own there. The
// variables of a shell do not matter: AWS_REGION would make them for another region.
func Write(o Options) error {
	p, err := session.Find()
	if err != nil {
		return err
	}
	s, err := settings.Load(p.Path(p.TerraformDir()), settings.Override{})
	if err != nil {
		return err
	}
	if len(s.Environments) > 1 {
		o.Account = "" // each has its own in locals.tf
	}
	for _, s.Environment = range s.Environments {
		if err := write(p, s, o); err != nil {
			return err
		}
	}
	p.Say("AWS has them only after somebody puts them there: docs/ci.md has the commands")
	return p.Err()
}

func write(p *session.Project, s settings.Settings, o Options) error {
	texts, err := Documents(s, o)
	if err != nil {
		return err
	}
	if texts["promote.json"] == nil {
		_ = os.Remove(p.Path(".github/iam", s.Given, "promote.json")) // of an earlier locals.tf
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		place := path.Join(".github/iam", s.Given, name)
		if err := files.Replace(p.Path(place), texts[name]); err != nil {
			return fmt.Errorf("writing %s: %w", place, err)
		}
		p.Answer("%s", place)
	}
	return nil
}

// Documents are the files of .github/iam by name.
func Documents(s settings.Settings, o Options) (map[string][]byte, error) {
	account, subject, err := o.names(s.Account)
	if err != nil {
		return nil, err
	}
	partition := "arn:" + state.Partition(s.Region)
	bucket := "arn:" + state.Partition(s.Backend.Region) + ":s3:::" + s.Backend.Bucket
	repositories, sources := arns(s.Environment, account), []string(nil)
	for _, other := range s.Environments {
		if other.Account != s.Account {
			sources = append(sources, arns(other, other.Account)...)
		}
	}
	filled := strings.NewReplacer(
		"arn:PARTITION", partition, "ACCOUNT_ID", account, "SUBJECT_PREFIX", subject, `"BUCKET"`, list(bucket),
		`"STATE"`, list(bucket+"/"+s.Backend.Key), `"LOCK"`, list(bucket+"/"+s.Backend.Key+".tflock"),
		`"REPOSITORIES"`, list(repositories...),
		`"SOURCES"`, list(sources...),
	).Replace(documents)
	var raw map[string]json.RawMessage
	if err := json.Unmarshal([]byte(filled), &raw); err != nil {
		return nil, err
	}
	if sources == nil { // IAM takes no statement without a resource
		delete(raw, "promote.json")
	}
	texts := map[string][]byte{}
	for name, text := range raw {
		var laidOut bytes.Buffer
		_ = json.Indent(&laidOut, text, "", "  ") // it is JSON
		texts[name] = append(laidOut.Bytes(), '\n')
	}
	return texts, nil
}

// arns are those of an environment's repositories.
func arns(e settings.Environment, account string) (all []string) {
	for _, repository := range e.Repositories {
		all = append(all, "arn:"+state.Partition(e.Region)+":ecr:"+e.Region+":"+account+":repository/"+repository.Name)
	}
	return all
}

// list is the inside of a list of JSON.
func list(texts ...string) string {
	text, _ := json.Marshal(texts) // it never fails for strings
	return strings.Trim(string(text), "[]")
}

// IAM reads no pattern in an account or, with StringEquals, in a subject. Another form is a mistake all the same: no
// job could take the role. AWS accepts no document with the words in capitals, which are still to fill in.
var (
	accountForm = regexp.MustCompile(`^(\d{12}|ACCOUNT_ID)$`)
	subjectForm = regexp.MustCompile(`^(repo:[\w.-]+(@\d+)?/[\w.-]+(@\d+)?|SUBJECT_PREFIX)$`)
)

// names are the account and the subject's prefix for the documents. pinned is the account of locals.tf, if it has one.
func (o Options) names(pinned string) (account, subject string, err error) {
	if o.GitHub != "" && o.Subject != "" {
		return "", "", session.Mistake(errors.New("-github and -subject both name the repository: want one of them"))
	}
	if o.GitHub != "" {
		o.Subject = "repo:" + o.GitHub
	}
	account, subject = cmp.Or(o.Account, pinned, "ACCOUNT_ID"), cmp.Or(o.Subject, "SUBJECT_PREFIX")
	switch {
	case !accountForm.MatchString(account):
		err = fmt.Errorf("-account=%q: want the twelve digits of an AWS account", account)
	case !subjectForm.MatchString(subject):
		err = hint.Add(fmt.Errorf("subject %q: want repo:OWNER/REPO or repo:OWNER@ID/REPO@ID", subject),
			"ask GitHub for it: gh api repos/OWNER/REPO/actions/oidc/customization/sub --jq .sub_claim_prefix")
	}
	return account, subject, err
}
