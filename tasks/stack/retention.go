package stack

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// previewWait is how long deploy gives ECR for its previews.
const previewWait = 2 * time.Minute

// previewPolicies has ECR preview the lifecycle policies that the plan changes, and says what they take. It refuses
// those that take latest, a protected tag or an image in use, unless that is allowed. Without the right to a preview
// the deploy goes on, but not past images in use: who names them wants to know.
func (s *Stack) previewPolicies(ctx context.Context, plan terraform.Plan, inUse []string, allowed bool) error {
	changed := changedPolicies(plan)
	client, err := s.Session.AWS.ECR(ctx)
	if err != nil || len(changed) == 0 {
		return err
	}
	asked := s.Working("asking ECR what the changed lifecycle policies take")
	names, found := make([]string, len(changed)), make([]ecr.Retention, len(changed))
	for i, change := range changed {
		names[i] = change.Repository
	}
	faults := session.Each(names, func(i int, name string) (err error) {
		found[i], err = ecr.Foresee(ctx, client, name,
			ecr.RetentionOptions{Wait: previewWait, Policy: changed[i].Policy, InUse: inUse})
		return err
	})
	asked()
	fault := s.Session.AWS.Explain(session.Distinct(faults))
	if ctx.Err() != nil {
		return fault
	}
	var lost []string
	for i, retention := range found {
		if faults[i] == nil && retention.Exists {
			lost = append(lost, s.tell(retention)...)
		}
	}
	if fault != nil {
		what, _ := hint.Parts(fault)
		s.Say("not previewed: %s", what)
		if len(inUse) > 0 {
			lost = append(lost, "perhaps images in use: the preview failed")
		}
	}
	if lost == nil || allowed {
		return nil
	}
	return hint.Add(errors.New("refusing lifecycle policies that take what is protected or in use:"+console.Indent(lost)),
		"keep the images: raise retention_days or protect_tags in locals.tf; if they may go: %s",
		menu.Typed("deploy -allowDelete"))
}

// changedPolicies are the policies that differ from what ECR has. A moved one does not.
func changedPolicies(plan terraform.Plan) []terraform.Change {
	return slices.DeleteFunc(slices.Clone(plan.Actions), func(c terraform.Change) bool {
		return c.Type != "aws_ecr_lifecycle_policy" || c.Policy == "" || c.Repository == "" ||
			!slices.Contains([]string{"create", "update", "replace"}, c.Action)
	})
}

// tell says what a policy takes, and returns the images among them that are protected or in use.
func (s *Stack) tell(retention ecr.Retention) (lost []string) {
	var among []string
	for _, image := range retention.Images {
		why := slices.DeleteFunc(slices.Clone(image.Tags), func(tag string) bool { return !s.protects(tag) })
		if image.InUse != "" {
			why = append(why, "in use")
		}
		if why != nil {
			among = append(among, why...)
			lost = append(lost, fmt.Sprintf("%s@%s (%s)", retention.Name, image.Digest, strings.Join(why, ", ")))
		}
	}
	text := fmt.Sprintf("%s: the new lifecycle policy takes %s now", retention.Name,
		console.Count(len(retention.Images), "image", "images"))
	if among == nil {
		s.Say("%s", text)
		return nil
	}
	slices.Sort(among)
	s.Warn("%s, among them %s", text, strings.Join(slices.Compact(among), ", "))
	return lost
}

// protects reports whether a tag is latest or matches a pattern of protect_tags.
func (s *Stack) protects(tag string) bool {
	return tag == "latest" || slices.ContainsFunc(s.Session.Settings.ProtectTags, func(pattern string) bool {
		matched, _ := path.Match(pattern, tag)
		return matched
	})
}
