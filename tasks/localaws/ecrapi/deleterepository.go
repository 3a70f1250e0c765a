package ecrapi

type deleteRepositoryInput struct {
	target
	Force bool `json:"force"`
}

func deleteRepository(c call, in deleteRepositoryInput) (repositoryOutput, error) {
	gone, err := c.DeleteRepository(in.RepositoryName, in.Force)
	return repositoryOutput{c.repository(gone)}, err
}
