package ecrapi

type setPolicyInput struct {
	target
	PolicyText string `json:"policyText" is:"required"`
	Force      bool   `json:"force"`
}

type policyOutput struct {
	echo
	PolicyText string `json:"policyText"`
}

func setRepositoryPolicy(c call, in setPolicyInput) (policyOutput, error) {
	return policyOutput{c.echo(in.target), in.PolicyText}, c.SetPolicy(in.RepositoryName, in.PolicyText, in.Force)
}

// onRepository is the input of operations that need no more than a repository.
type onRepository struct{ target }

func getRepositoryPolicy(c call, in onRepository) (policyOutput, error) {
	text, err := c.Policy(in.RepositoryName)
	return policyOutput{c.echo(in.target), text}, err
}

func deleteRepositoryPolicy(c call, in onRepository) (policyOutput, error) {
	text, err := c.DeletePolicy(in.RepositoryName)
	return policyOutput{c.echo(in.target), text}, err
}
