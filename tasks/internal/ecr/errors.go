package ecr

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// Missing reports whether err says that the repository does not exist.
func Missing(err error) bool {
	_, missing := errors.AsType[*types.RepositoryNotFoundException](err)
	return missing
}
