package ecr

import (
	"fmt"
	"testing"

	"github.com/aws/smithy-go"
)

func TestMissing(t *testing.T) {
	if !Missing(fmt.Errorf("wrapped: %w",
		notFound)) || Missing(&smithy.GenericAPIError{Code: "RepositoryNotEmptyException"}) || Missing(nil) {
		t.Error("Missing is not true of RepositoryNotFoundException alone")
	}
}
