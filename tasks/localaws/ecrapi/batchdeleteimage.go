package ecrapi

type batchDeleteImageInput struct {
	target
	ImageIDs []imageID `json:"imageIds" is:"required"`
}

type batchDeleteImageOutput struct {
	ImageIDs []imageID      `json:"imageIds"`
	Failures []imageFailure `json:"failures"`
}

func batchDeleteImage(c call, in batchDeleteImageInput) (batchDeleteImageOutput, error) {
	gone, failed, err := c.BatchDeleteImage(in.RepositoryName, catalogIDs(in.ImageIDs))
	return batchDeleteImageOutput{each(gone, imageIDOf), each(failed, imageFailureOf)}, err
}
