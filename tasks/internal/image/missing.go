package image

import (
	"context"
	"fmt"
	"strings"
)

// missing adds to an error what is not in the repository because of it. An interrupt is only that, whatever broke of
// it.
func missing(ctx context.Context, err error, sending *upload, write, written []string) error {
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	var parts []string
	if sending != nil {
		if there, all, _ := sending.meter.count(); there < all {
			parts = append(parts, fmt.Sprintf("%d of %d layers and configs are there", there, all))
		}
	}
	if left := write[min(len(written), len(write)):]; len(left) > 0 {
		parts = append(parts, "not written: "+strings.Join(left, ", "))
	}
	if parts == nil {
		return err
	}
	if ctx.Err() != nil {
		parts = append(parts, "the next push goes on from there")
	}
	return fmt.Errorf("%w (%s)", err, strings.Join(parts, "; "))
}
