package session

import (
	"context"
	"errors"
	"fmt"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"envoy-proxy-poc/tasks/internal/again"
	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/console"
)

// tellRetries makes a call of the SDK tell of its retries. The SDK makes a stack for each call.
func (a Account) tellRetries(stack *middleware.Stack) error {
	call := a.Again.Begin()
	after := func(name string, where middleware.RelativePosition, then func(context.Context, any, error)) error {
		return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc(name, func(
			ctx context.Context, in middleware.FinalizeInput, following middleware.FinalizeHandler,
		) (middleware.FinalizeOutput, middleware.Metadata, error) {
			out, metadata, err := following.HandleFinalize(ctx, in)
			then(ctx, in.Request, err)
			return out, metadata, err
		}), "Retry", where)
	}
	return errors.Join(
		after("RetriesEnd", middleware.Before, func(context.Context, any, error) { call.End() }),
		after("TryFailed", middleware.After, func(ctx context.Context, request any, err error) {
			if sent, ok := request.(*smithyhttp.Request); ok && err != nil {
				var try, of int // the SDK tells AWS in a header
				_, _ = fmt.Sscanf(sent.Header.Get("Amz-Sdk-Request"), "attempt=%d; max=%d", &try, &of)
				call.Failed(again.Cause(awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx),
					awserr.Throttled(err), console.OneLine(awserr.Reason(err))), try+1, of)
			}
		}))
}
