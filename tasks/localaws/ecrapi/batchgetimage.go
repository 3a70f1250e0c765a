package ecrapi

import "envoy-proxy-poc/tasks/localaws/catalog"

type batchGetImageInput struct {
	target
	ImageIDs           []imageID `json:"imageIds" is:"required"`
	AcceptedMediaTypes []string  `json:"acceptedMediaTypes" is:"filled"`
}

type batchGetImageOutput struct {
	Images   []image        `json:"images"`
	Failures []imageFailure `json:"failures"`
}

type image struct {
	echo
	ImageID   imageID `json:"imageId"`
	Manifest  string  `json:"imageManifest"`
	MediaType string  `json:"imageManifestMediaType"`
}

func batchGetImage(c call, in batchGetImageInput) (out batchGetImageOutput, err error) {
	if len(in.AcceptedMediaTypes) > 100 {
		return out, catalog.Invalid("acceptedMediaTypes", "Member must have length less than or equal to 100")
	}
	got, failed, err := c.BatchGetImage(in.RepositoryName, catalogIDs(in.ImageIDs), in.AcceptedMediaTypes)
	return batchGetImageOutput{
		Images: each(got, func(one catalog.Got) image {
			return image{c.echo(in.target), imageIDOf(one.ID), string(one.Manifest.Raw), one.Manifest.MediaType}
		}),
		Failures: each(failed, imageFailureOf),
	}, err
}
