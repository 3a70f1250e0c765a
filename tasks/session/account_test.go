package session

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
)

func TestAQuotaIsNotTriedAgain(t *testing.T) {
	for code, want := range map[string]aws.Ternary{
		"LimitExceededException": aws.FalseTernary, "ThrottlingException": aws.UnknownTernary,
	} {
		if got := final(&smithy.OperationError{Err: &smithy.GenericAPIError{Code: code}}); got != want {
			t.Errorf("%s is tried again: %v, want %v", code, got, want)
		}
	}
}
