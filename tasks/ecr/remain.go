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

// RemainError is a cleanup that could not empty its repository.
type RemainError struct {
	Repository string
	Why        string
	Remaining  []Failure
}

// named is how many of the remaining images the message names.
const named = 5

func (e *RemainError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "cleaning %q: images that remain: %d (%s)", e.Repository, len(e.Remaining), e.Why)
	for i, image := range e.Remaining {
		if i == named {
			fmt.Fprintf(&b, "\n  and %d more", len(e.Remaining)-named)
			break
		}
		fmt.Fprintf(&b, "\n  %s: %s", image.Digest, image.why())
	}
	return b.String()
}

func (f Failure) why() string {
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

// remain pairs the images that are left with the reasons of the last pass.
func (s *sweep) remain(images []Doomed, why string) error {
	reasons := make(map[string]Failure, len(s.failures))
	for _, failure := range s.failures {
		reasons[failure.Digest] = failure
	}
	left := make([]Failure, len(images))
	for i, image := range images {
		left[i] = reasons[image.Digest]
		left[i].Digest = image.Digest
	}
	return &RemainError{Repository: s.report.Repository, Why: why, Remaining: left}
}
