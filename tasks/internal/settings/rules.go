package settings

import (
	"fmt"
	"regexp"
)

type rule struct {
	pattern *regexp.Regexp
	want    string
}

func (r rule) broken(found string) string { return fmt.Sprintf("want %s, found %q", r.want, found) }

var (
	// Partitions add regions, so this is their form and no list: us-west-2, us-gov-west-1, eusc-de-east-1.
	regionRule = rule{regexp.MustCompile(`^[a-z]{2,5}(-[a-z]+){1,2}-[0-9]{1,2}$`), "an AWS region such as us-west-2"}

	// A profile stands in brackets in a file of lines.
	profileRule = rule{regexp.MustCompile(`^[^\[\]\r\n]*$`), "the name of an AWS profile, or an empty string for none"}

	accountRule = rule{regexp.MustCompile(`^[0-9]{12}$`), "an AWS account of twelve digits, or null"}

	// ECR gives the key's ARN back, and any other name of it would be a change in each plan.
	keyARNRule = rule{
		regexp.MustCompile(`^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[\w-]+$`),
		"the ARN of a KMS key (arn:aws:kms:…:key/…), or null",
	}

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
	readerRule = rule{
		regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:(root|(user|role)/[\w+=,.@/-]+)$`),
		"ARNs such as arn:aws:iam::210987654321:role/promote, or …:root for the whole account",
	}

	environmentRule = rule{
		regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`),
		"an environment's name of 1 to 32 lower-case letters, digits and hyphens",
	}

	sourceRule = rule{regexp.MustCompile(`^https?://[^/\s]+\S*$`), "an http or https URL, or null"}

	// The key is a folder below apps/ that `go build` is given, so neither dots nor underscores lead.
	appRule = rule{
		regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`),
		"a folder below apps/ as key: lower-case letters, digits, and . _ - within",
	}

	// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html, and its length, 2 to 256.
	repositoryRule = rule{
		regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`),
		"a repository name of 2 to 256 lower-case letters and digits, with . _ - / between them",
	}

	engineRule = rule{regexp.MustCompile(`^(native|docker)$`), `"native" or "docker"`}

	contextRule = rule{
		regexp.MustCompile(`^(\.|\.?\w[\w.-]*(/\.?\w[\w.-]*)*)$`),
		"a folder below the project's root, such as web or apps/web",
	}

	targetRule = rule{regexp.MustCompile(`^[a-zA-Z0-9][\w.-]*$`), "the name of a stage of the Dockerfile"}

	argumentRule = rule{regexp.MustCompile(`^[a-zA-Z_]\w*$`), "the name of a build argument"}

	// https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
	patternRule = rule{
		regexp.MustCompile(`^[\w.-]+$|^[\w.-]*(\*[\w.-]*){1,4}$`),
		"a tag of letters, digits and . _ -, or a pattern with at most four *",
	}

	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
	bucketRule = rule{
		regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`),
		"a bucket name of 3 to 63 lower-case letters, digits, dots and hyphens",
	}

	keyRule = rule{regexp.MustCompile(`^[^/].*[^/]$`), "a key that neither begins nor ends with a slash"}
)
