package catalog

import (
	"regexp"
	"strings"
)

// Limits of the ECR API model (botocore ecr/2015-09-21) and of ECR's quotas page.
const (
	MaxManifest       = 4_194_304 // bytes
	maxTagLength      = 300
	maxTagsPerImage   = 1_000
	maxImages         = 100_000 // in a repository
	maxRepositories   = 100_000 // in a registry
	maxReferrers      = 100     // of a subject
	maxLayer          = 52_000 << 20
	defaultPage       = 100
	maxPage           = 1000
	repositoryPattern = `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*`
	digestPattern     = `[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+`
	tagPattern        = `[a-zA-Z0-9_][a-zA-Z0-9._-]*`
)

var (
	repositoryName = regexp.MustCompile(`^` + repositoryPattern + `$`)
	anyDigest      = regexp.MustCompile(`^` + digestPattern + `$`)
	sha256Digest   = regexp.MustCompile(`^sha256:[a-f0-9]{64}$`)
	imageTag       = regexp.MustCompile(`^` + tagPattern + `$`)
	regionName     = regexp.MustCompile(`^[a-z0-9-]{2,25}$`)
)

// CheckRepositoryName says whether a name may name a repository at all.
func CheckRepositoryName(name string) error { return checkName("repositoryName", name) }

func checkName(parameter, name string) error {
	switch {
	case len(name) < 2:
		return Invalid(parameter, "must have length greater than or equal to 2")
	case len(name) > 256:
		return Invalid(parameter, "must have length less than or equal to 256")
	case !repositoryName.MatchString(name):
		return Invalid(parameter, "must satisfy regular expression '%s'", repositoryPattern)
	}
	return nil
}

// CheckTag says whether a tag may be given to an image.
func CheckTag(tag string) error {
	if tag == "" {
		return Invalid("imageTag", "Member must have length greater than or equal to 1")
	}
	if len(tag) > maxTagLength {
		return Invalid("imageTag", "Member must have length less than or equal to %d", maxTagLength)
	}
	if !imageTag.MatchString(tag) {
		return Invalid("imageTag", "must satisfy regular expression '%s'", tagPattern)
	}
	return nil
}

// IsDigest reports whether s is a digest of the only kind that ECR stores: sha256, in lower case.
func IsDigest(s string) bool { return sha256Digest.MatchString(s) }

// matchWildcard reports whether s matches a pattern in which * stands for any text. What lies between two wildcards is
// taken where it first occurs, so a pattern with many costs no more than one pass over s.
func matchWildcard(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	last := len(parts) - 1
	s, fits := strings.CutPrefix(s, parts[0])
	if last == 0 || !fits {
		return fits && s == ""
	}
	for _, part := range parts[1:last] {
		_, s, fits = strings.Cut(s, part)
		if !fits {
			return false
		}
	}
	return strings.HasSuffix(s, parts[last])
}
