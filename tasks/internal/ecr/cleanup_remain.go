package ecr

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// Failure is an image that ECR did not delete, and why.
type Failure struct {
	Digest string
	Code   string // ECR's, such as KmsError; empty when ECR gave no reason
	Reason string
}

// RemainError is a cleanup that could not delete all. What remains only because of another image comes last.
type RemainError struct {
	Repository string
	Why        string
	Pushing    bool // somebody pushes without end
	Remaining  []Failure
}

const namedLimit = 5 // how many of the remaining images the message names

func (e *RemainError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "cleaning %q: images that remain: %d (%s)", e.Repository, len(e.Remaining), e.Why)
	for i, image := range e.Remaining {
		if i == namedLimit {
			fmt.Fprintf(&b, "\n  and %d more", len(e.Remaining)-namedLimit)
			break
		}
		fmt.Fprintf(&b, "\n  %s: %s", image.Digest, image.Why())
	}
	return b.String()
}

// Why is ECR's reason in words.
func (f Failure) Why() string {
	if f.Code == "" {
		return cmp.Or(f.Reason, "ECR gives no reason")
	}
	return strings.TrimSuffix(f.Code+": "+f.Reason, ": ")
}

func failureOf(f types.ImageFailure) Failure {
	var digest string
	if f.ImageId != nil {
		digest = aws.ToString(f.ImageId.ImageDigest)
	}
	return Failure{Digest: digest, Code: string(f.FailureCode), Reason: aws.ToString(f.FailureReason)}
}

// stuck ends a cleanup whose last pass deleted nothing. Under a filter, an image that a kept index lists is no failure.
func (s *sweep) stuck(images []Deletion) error {
	other, referenced := s.reasons(images)
	if s.approved != nil {
		s.report.Kept = referenced
		s.report.Stay += len(referenced)
	} else {
		other = append(other, referenced...)
	}
	if len(other) == 0 {
		return nil
	}
	return &RemainError{Repository: s.repository, Why: "no pass deletes them", Remaining: other}
}

func (s *sweep) remain(images []Deletion, why string) error {
	other, referenced := s.reasons(images)
	return &RemainError{
		Repository: s.repository, Why: why, Pushing: s.report.Pushed > 0,
		Remaining: append(other, referenced...),
	}
}

// reasons pairs the images that are left with the reasons of the last pass. An index lists the referenced ones.
func (s *sweep) reasons(images []Deletion) (other, referenced []Failure) {
	known := make(map[string]Failure, len(s.failures))
	for _, failure := range s.failures {
		known[failure.Digest] = failure
	}
	for _, image := range images {
		failure := known[image.Digest]
		failure.Digest = image.Digest
		if failure.Code == string(types.ImageFailureCodeImageReferencedByManifestList) {
			referenced = append(referenced, failure)
		} else {
			other = append(other, failure)
		}
	}
	return other, referenced
}
