package ecrapi

import "envoy-proxy-poc/tasks/localaws/catalog"

type describeRepositoriesInput struct {
	registryID
	Names *[]string `json:"repositoryNames"`
	paged
}

type describeRepositoriesOutput struct {
	Repositories []repository `json:"repositories"`
	NextToken    string       `json:"nextToken,omitempty"`
}

func (in describeRepositoriesInput) repositories() []string {
	if in.Names == nil {
		return nil
	}
	return *in.Names
}

func describeRepositories(c call, in describeRepositoriesInput) (out describeRepositoriesOutput, err error) {
	if in.Names != nil {
		return c.named(in)
	}
	page, err := in.page()
	if err != nil {
		return out, err
	}
	all, next, err := c.ListRepositories(page)
	return describeRepositoriesOutput{each(all, c.repository), next}, err
}

// named describes repositories by name: all of them, or none if one is missing (API Reference, DescribeRepositories).
func (c call) named(in describeRepositoriesInput) (out describeRepositoriesOutput, err error) {
	if err := in.alone("repositoryNames"); err != nil {
		return out, err
	}
	if n := len(*in.Names); n < 1 {
		return out, catalog.Invalid("repositoryNames", "Member must have length greater than or equal to 1")
	} else if n > 100 {
		return out, catalog.Invalid("repositoryNames", "Member must have length less than or equal to 100")
	}
	for _, name := range *in.Names {
		one, err := c.Repository(name)
		if err != nil {
			return out, err
		}
		out.Repositories = append(out.Repositories, c.repository(one))
	}
	return out, nil
}
