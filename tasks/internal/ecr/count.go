package ecr

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// Count says how many images a repository holds, archived ones too: 0 also for one that does not exist.
func Count(ctx context.Context, api ImagesAPI, repository string) (int, error) {
	count := 0
	err := eachImage(ctx, api, repository, func(types.ImageDetail) { count++ })
	if Missing(err) {
		return 0, nil
	}
	return count, err
}
