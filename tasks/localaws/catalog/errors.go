package catalog

import (
	"errors"
	"fmt"
	"strings"
)

// Error is ECR's refusal of a request. Every other error of this package is a failure of the store.
type Error struct {
	Code    string         // the exception's name, such as RepositoryNotFoundException
	Message string         // ECR's own words
	Details map[string]any // further members of the exception; nil for most
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

func refuse(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Invalid is the refusal of one parameter, in the words that ECR's validation uses.
func Invalid(parameter, constraint string, args ...any) *Error {
	return refuse("InvalidParameterException", "Invalid parameter at '%s' failed to satisfy constraint: '%s'",
		parameter, fmt.Sprintf(constraint, args...))
}

func (r *Registry) repositoryNotFound(name string) *Error {
	return refuse("RepositoryNotFoundException",
		"The repository with name '%s' does not exist in the registry with id '%s'", name, r.Account())
}

func isRepositoryNotFound(err error) bool {
	var refused *Error
	return errors.As(err, &refused) && refused.Code == "RepositoryNotFoundException"
}

func (r *Registry) imageNotFound(repository string, id ImageID) *Error {
	return refuse("ImageNotFoundException",
		"The image with imageId {imageDigest:'%s', imageTag:'%s'} does not exist within the repository with name '%s' in the registry with id '%s'",
		orNull(id.Digest), orNull(id.Tag), repository, r.Account())
}

func (r *Registry) layerNotFound(repository, digest string) *Error {
	return refuse("LayersNotFoundException",
		"The layer with digest '%s' does not exist within the repository with name '%s' in the registry with id '%s'",
		digest, repository, r.Account())
}

// AlreadyExists is what PutImage says when neither the image nor its tag would change.
func (r *Registry) AlreadyExists(repository string, id ImageID) *Error {
	return refuse("ImageAlreadyExistsException",
		"Image with digest '%s' and tag '%s' already exists in the repository with name '%s' in registry with id '%s'",
		id.Digest, orNull(id.Tag), repository, r.Account())
}

func (r *Registry) missing(code, what, repository string, digests []string) *Error {
	return refuse(code,
		"%s with digests '[%s]' required for pushing image into repository with name '%s' in the registry with id '%s' do not exist",
		what, strings.Join(digests, ", "), repository, r.Account())
}

func orNull(s string) string {
	if s == "" {
		return "null"
	}
	return s
}
