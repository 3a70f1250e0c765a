package ecrapi

type listImagesInput struct {
	target
	paged
	Filter imageFilter `json:"filter"`
}

type listImagesOutput struct {
	ImageIDs  []imageID `json:"imageIds"`
	NextToken string    `json:"nextToken,omitempty"`
}

func listImages(c call, in listImagesInput) (out listImagesOutput, err error) {
	page, err := in.page()
	if err != nil {
		return out, err
	}
	ids, next, err := c.ListImages(in.RepositoryName, in.Filter.catalog(), page)
	return listImagesOutput{each(ids, imageIDOf), next}, err
}
