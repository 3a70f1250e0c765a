package ecr

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Found is where a repository is and whether its tags may move.
type Found struct {
	Registry   string // account id, twelve digits
	ARN        string
	URI        string   // what references begin with: 123456789012.dkr.ecr.us-west-2.amazonaws.com/name
	Mutability string   // MUTABLE, IMMUTABLE, or either with _WITH_EXCLUSION
	Exclusions []string // tag patterns to which the opposite applies
}

// Find looks a repository up. [Missing] tells when it does not exist.
func Find(ctx context.Context, api RepositoriesAPI, repository string) (Found, error) {
	r, err := describe(ctx, api, repository)
	if err != nil {
		return Found{}, err
	}
	found := Found{
		Registry: aws.ToString(r.RegistryId), ARN: aws.ToString(r.RepositoryArn), URI: aws.ToString(r.RepositoryUri),
		Mutability: string(r.ImageTagMutability),
	}
	for _, filter := range r.ImageTagMutabilityExclusionFilters {
		found.Exclusions = append(found.Exclusions, aws.ToString(filter.Filter))
	}
	return found, nil
}
