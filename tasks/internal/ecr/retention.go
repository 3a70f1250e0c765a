package ecr

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// RetentionOptions are what [Foresee] need not be told, but for Wait.
type RetentionOptions struct {
	Wait    time.Duration    // how long ECR may work on it
	Policy  string           // preview this policy, empty for the repository's own
	InUse   []string         // digests that must be kept
	Waiting func(why string) // called at each look that finds nothing yet
}

// Retention is what a repository's lifecycle policy takes next.
type Retention struct {
	Name        string          `json:"name"`
	Exists      bool            `json:"exists"`
	Error       string          `json:"error,omitempty"` // why it could not be told; for a caller that goes on with others
	Policy      bool            `json:"policy"`          // there is one
	Rules       []RetentionRule `json:"rules"`           // never nil
	Images      []Leaving       `json:"images"`          // what goes, the oldest first; never nil
	ImageCount  int             `json:"imageCount"`      // kept ones included
	InUse       []string        `json:"inUse"`           // the given digests among them
	Expires     Sum             `json:"expires"`
	Transitions Sum             `json:"transitions"`
}

// Sum is a number of images and their size. An index adds no bytes: its images are counted themselves.
type Sum struct {
	Images int   `json:"images"`
	Bytes  int64 `json:"sizeBytes"`
}

// Leaving is an image that is due. ECR acts within 24 hours.
type Leaving struct {
	Image
	Rule   int    `json:"rule"`            // its priority
	Action string `json:"action"`          // expire or transition
	To     string `json:"to,omitempty"`    // the storage class of a transition
	Newest bool   `json:"newest"`          // of its repository
	InUse  string `json:"inUse,omitempty"` // the digest in use that is lost with it
}

// Foresee asks ECR for a dry run of a lifecycle policy, and says which of the images that are due should not be: the
// newest, and those in use. It changes nothing but the repository's last preview. A repository that does not exist, or
// has no policy, is an answer.
func Foresee(ctx context.Context, api *Client, repository string, o RetentionOptions) (Retention, error) {
	nothing := Retention{Name: repository, Rules: []RetentionRule{}, Images: []Leaving{}, InUse: []string{}}
	out, err := foresee(ctx, api, nothing, o)
	if Missing(err) { // or removed in the middle
		return nothing, nil
	}
	return out, err
}

func foresee(ctx context.Context, api *Client, out Retention, o RetentionOptions) (Retention, error) {
	repository := out.Name
	taken, err := takePreview(ctx, api, repository, o)
	_, without := errors.AsType[*types.LifecyclePolicyNotFoundException](err)
	if err != nil && !without {
		return out, fmt.Errorf("previewing the lifecycle policy of %q: %w", repository, err)
	}
	out.Exists, out.Policy = true, !without
	if out.Rules, err = rulesOf(cmp.Or(taken.policy, "{}")); err != nil {
		return out, fmt.Errorf("reading the lifecycle policy of %q: %w", repository, err)
	}
	images, newest, err := out.list(ctx, api)
	if err != nil {
		return out, err
	}
	due := map[string]bool{}
	for _, result := range taken.results {
		due[aws.ToString(result.ImageDigest)] = true
	}
	for _, digest := range o.InUse {
		if _, here := images[digest]; here {
			out.InUse = append(out.InUse, digest)
		}
	}
	related, err := out.relate(ctx, api, images, due)
	if err != nil {
		return out, err
	}
	held := related.held(due)
	for _, result := range taken.results {
		if !held[aws.ToString(result.ImageDigest)] {
			out.take(result, images, newest)
		}
	}
	for i := range out.Rules {
		if out.Rules[i].Takes > 0 {
			out.Rules[i].NotBefore = nil
		}
	}
	out.markInUse(related)
	return out, nil
}

func (r *Retention) list(ctx context.Context, api *Client) (images map[string]Image, newest string, err error) {
	images = map[string]Image{}
	var latest leader
	err = eachImage(ctx, api, r.Name, func(image Image) {
		images[image.Digest] = image
		latest.see(image)
	})
	r.ImageCount = len(images)
	for _, image := range images {
		see(r.Rules, image)
	}
	if latest.image != nil {
		newest = latest.image.Digest
	}
	return images, newest, err
}

func (r *Retention) take(result types.LifecyclePolicyPreviewResult, images map[string]Image, newest string) {
	digest := aws.ToString(result.ImageDigest)
	image, there := images[digest]
	if !there {
		return
	}
	rule, sum := int(aws.ToInt32(result.AppliedRulePriority)), &r.Expires
	leaving := Leaving{Image: image, Rule: rule, Action: "expire", Newest: digest == newest}
	if result.Action != nil && result.Action.Type == types.ImageActionTypeTransition {
		leaving.Action, leaving.To, sum = "transition", string(result.Action.TargetStorageClass), &r.Transitions
	}
	sum.Images++
	if !isIndex(image.MediaType) {
		sum.Bytes += image.SizeBytes
	}
	if i := slices.IndexFunc(r.Rules, func(rule RetentionRule) bool { return rule.Priority == leaving.Rule }); i >= 0 {
		r.Rules[i].Takes++
	}
	r.Images = append(r.Images, leaving)
}
