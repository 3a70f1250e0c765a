package ecr

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// Expiry is what the lifecycle policy has in mind for an image, as far as the policy and the image alone tell.
type Expiry struct {
	Kind       string     `json:"expiry"`               // one of the words below
	ExpiresAt  *time.Time `json:"expiresAt"`            // UTC, null where that is not certain; ECR acts within a day of it
	ArchivesAt *time.Time `json:"archivesAt,omitempty"` // UTC, the same of an image that moves to the archive
	Rule       int        `json:"expiryRule,omitempty"` // the priority of the rule that applies
}

// Kinds of expiry.
const (
	ExpiryAt      = "expires"
	ExpiryArchive = "archives" // it is moved to the archive, where another rule may take it
	ExpiryCount   = "count"    // it depends on how many others there are: ecr:retention asks ECR
	ExpiryNever   = "never"    // no rule is about it
	ExpiryUnknown = "unknown"  // the policy could not be read, or has a rule that is not known here
)

const countOfImages = "imageCountMoreThan" // the count of a rule that keeps the newest images

type lifecyclePolicy struct{ Rules []lifecycleRule }

type lifecycleRule struct {
	RulePriority int
	Description  string
	Selection    struct {
		TagStatus, StorageClass, CountType, CountUnit string
		TagPrefixList, TagPatternList                 []string
		CountNumber                                   int
	}
	Action struct{ Type string }

	patterns []*regexp.Regexp // of the selection's patterns
}

// readPolicy reads a repository's policy, an empty one where it has none.
func readPolicy(ctx context.Context, api *Client, repository string) (lifecyclePolicy, error) {
	out, err := api.GetLifecyclePolicy(ctx, &awsecr.GetLifecyclePolicyInput{RepositoryName: &repository})
	if _, none := errors.AsType[*types.LifecyclePolicyNotFoundException](err); none {
		return lifecyclePolicy{}, nil
	}
	if err != nil {
		return lifecyclePolicy{}, fmt.Errorf("reading the lifecycle policy of %q: %w", repository, err)
	}
	return parsePolicy(aws.ToString(out.LifecyclePolicyText))
}

// LatestExpiresAt is when the lifecycle policy deletes what latest points at, nil where that is not certain.
func LatestExpiresAt(ctx context.Context, api *Client, repository string) (*time.Time, error) {
	image, err := Choose(ctx, api, repository, "latest")
	if err != nil {
		return nil, err
	}
	policy, err := readPolicy(ctx, api, repository)
	return policy.expiry(*image).ExpiresAt, err
}

func parsePolicy(text string) (lifecyclePolicy, error) {
	var p lifecyclePolicy
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return lifecyclePolicy{}, fmt.Errorf("reading the lifecycle policy: %w", err)
	}
	for i := range p.Rules {
		for _, pattern := range p.Rules[i].Selection.TagPatternList {
			form := "^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$"
			p.Rules[i].patterns = append(p.Rules[i].patterns, regexp.MustCompile(form))
		}
	}
	slices.SortStableFunc(p.Rules, func(a, b lifecycleRule) int { return cmp.Compare(a.RulePriority, b.RulePriority) })
	return p, nil
}

// expiry: an image belongs to the first rule that it matches, and no later rule can take it.
func (p lifecyclePolicy) expiry(image Image) Expiry {
	for _, rule := range p.Rules {
		if rule.about(image) {
			return rule.expiry(image)
		}
	}
	return Expiry{Kind: ExpiryNever}
}

func (r lifecycleRule) about(image Image) bool {
	class := "standard"
	if image.Archived() {
		class = "archive"
	}
	if cmp.Or(r.Selection.StorageClass, "standard") != class {
		return false
	}
	switch r.Selection.TagStatus {
	case "untagged":
		return len(image.Tags) == 0
	case "tagged":
		return len(image.Tags) > 0 && r.tagged(image.Tags)
	}
	return true
}

// tagged reports whether each prefix and each pattern has a tag, not all of them the same.
func (r lifecycleRule) tagged(tags []string) bool {
	for _, prefix := range r.Selection.TagPrefixList {
		if !slices.ContainsFunc(tags, func(tag string) bool { return strings.HasPrefix(tag, prefix) }) {
			return false
		}
	}
	for _, pattern := range r.patterns {
		if !slices.ContainsFunc(tags, pattern.MatchString) {
			return false
		}
	}
	return true
}

func (r lifecycleRule) expiry(image Image) Expiry {
	out := Expiry{Kind: ExpiryUnknown, Rule: r.RulePriority}
	since := r.since(image)
	switch {
	case r.Selection.CountType == countOfImages:
		out.Kind = ExpiryCount
	case since == nil || r.Selection.CountUnit != "days":
	case r.Action.Type == "expire":
		out.Kind, out.ExpiresAt = ExpiryAt, new(since.AddDate(0, 0, r.Selection.CountNumber))
	case r.Action.Type == "transition":
		out.Kind, out.ArchivesAt = ExpiryArchive, new(since.AddDate(0, 0, r.Selection.CountNumber))
	}
	return out
}

// since is when the rule's count of days begins, nil where that is not known. A return from the archive restarts it.
func (r lifecycleRule) since(image Image) *time.Time {
	switch r.Selection.CountType {
	case "sinceImagePushed":
		return laterOf(image.PushedAt, image.ActivatedAt)
	case "sinceImagePulled":
		return laterOf(cmp.Or(image.PulledAt, image.PushedAt), image.ActivatedAt)
	case "sinceImageTransitioned":
		return image.ArchivedAt
	}
	return nil
}

func laterOf(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.After(*a) {
		return b
	}
	return a
}
