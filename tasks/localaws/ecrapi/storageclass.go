package ecrapi

type updateStorageClassInput struct {
	target
	ImageID *imageID `json:"imageId" is:"required"`
	Class   string   `json:"targetStorageClass" is:"required"`
}

type updateStorageClassOutput struct {
	echo
	ImageID imageID `json:"imageId"`
	Status  string  `json:"imageStatus"`
}

func updateImageStorageClass(c call, in updateStorageClassInput) (updateStorageClassOutput, error) {
	img, err := c.SetStorageClass(in.RepositoryName, in.ImageID.catalog(), in.Class)
	return updateStorageClassOutput{c.echo(in.target), imageID{img.Digest, in.ImageID.ImageTag}, img.Status}, err
}
